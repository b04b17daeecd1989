/**
 * A server that takes its time: every answer comes after a delay of 6 to 14 ms, each as likely as any other.
 * Two load generators must measure the same of it. Environment: PORT.
 *
 * The longest delay is below twice the mean on purpose: wrk invents requests for longer ones, to make up for
 * those that it did not send meanwhile.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { below, seededRandom } from './random.ts';

const [delayMsMin, delayMsMax] = [6, 14];
const random = seededRandom(1);
const body = '{"message":"Healthy :)"}';

const server = createServer((request, response) => {
  request.resume();
  const delayMs = delayMsMin + below(random, (delayMsMax - delayMsMin) * 1_000) / 1_000;
  setTimeout(() => response.writeHead(200, { 'content-length': body.length }).end(body), delayMs);
});
server.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1', () => {
  process.stdout.write(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
