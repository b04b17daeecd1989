/** An address of this machine at which packets are dropped, as those to a machine that is down. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface SilentHost extends AsyncDisposable {
  /** Such as `127.0.0.1:8080`. */
  readonly host: string;
}

const listening = `require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
  console.log(this.address().port);
})`;

/** The kernel drops packets once a program that is stopped has as many connections as it can have. */
export async function startSilentHost(): Promise<SilentHost> {
  const child = spawn(process.execPath, ['-e', listening], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  child.kill('SIGSTOP');
  const sockets: Socket[] = [];
  for (let isFull = false; !isFull; ) {
    const socket = connect(Number(port), '127.0.0.1');
    sockets.push(socket);
    const connected = once(socket, 'connect').then(() => false);
    isFull = await Promise.race([connected, sleep(1_000, true, { ref: false })]);
    connected.catch(() => undefined);
  }
  return {
    host: `127.0.0.1:${Number(port)}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.on('error', () => undefined).destroy();
      child.kill('SIGKILL');
      await once(child, 'close');
    },
  };
}
