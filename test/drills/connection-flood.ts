/**
 * A program of its own that sends one request again and again, each on a new connection: so many clients at once, and
 * each sends its next request as soon as it has its answer. It prints a line with the first answer. Told to stop
 * (SIGTERM), it prints another with the number of answers, and ends.
 *
 * Clients that abandon close their connection as soon as the request is sent, and open the next: what they send counts
 * as answered.
 *
 *     connection-flood.ts <port> <clients> <the whole request, as JSON text> [abandon]
 */
import { connect } from 'node:net';

const [port = '', clients = '', requestJson = '', manner = ''] = process.argv.slice(2);
const request = JSON.parse(requestJson) as string;
let answers = 0;
let isOver = false;

function ask(): void {
  if (isOver) return;
  let received = 0;
  const socket = connect({ host: '127.0.0.1', port: Number(port) }, () =>
    socket.write(request, (error) => {
      if (manner !== 'abandon' || error) return;
      received += 1;
      socket.destroy();
    }),
  );
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    if (received === 0) {
      // Without the pause, a service that is down would be asked without end.
      setTimeout(ask, 10);
      return;
    }
    answers += 1;
    if (answers === 1) process.stdout.write('answered\n');
    ask();
  });
}

process.on('SIGTERM', () => {
  isOver = true;
  process.stdout.write(`${answers}\n`, () => process.exit());
});
for (let client = 0; client < Number(clients); client += 1) ask();
