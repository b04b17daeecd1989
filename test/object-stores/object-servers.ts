/**
 * Object stores of others' making, on this machine: versitygw (S3), Azurite (Azure Blob Storage), fake-gcs-server (Google
 * Cloud Storage) and a small cluster of Hadoop (HDFS).
 * scripts/test-object-stores.sh and scripts/test-hdfs.sh install them and say where they are; without, their tests skip.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from '../../lab/service/free-port.ts';

export const versitygw = process.env['VERSITYGW'] ?? '';
export const azurite = process.env['AZURITE'] ?? '';
export const fakeGcs = process.env['FAKE_GCS'] ?? '';
/** The folder with the JARs of hadoop-client-minicluster. */
export const hdfsJars = process.env['HDFS_JARS'] ?? '';

export function missing(
  program: string,
  name: string,
  remedy = 'scripts/test-object-stores.sh',
): string | false {
  return program === '' ? `${name} is not here: run ${remedy}` : false;
}

export type Environment = Readonly<Record<string, string>>;

export interface ObjectServer extends AsyncDisposable {
  /** Of a bucket or container that is there. */
  readonly address: string;
  readonly environment: Environment;
  kill(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Ends with the test process, also when that is interrupted. */
function spawnServer(program: string, args: readonly string[], folder: string) {
  const child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
  running.add(child);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
    running.delete(child);
  };
  return {
    child,
    kill,
    async [Symbol.asyncDispose]() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function run(
  program: string,
  args: readonly string[],
  port: number,
  folder: string,
): Promise<Pick<ObjectServer, 'kill'> & AsyncDisposable> {
  const { child, ...server } = spawnServer(program, args, folder);
  // Unread, the pipe would fill up.
  child.stdout.resume();
  for (let tries = 0; ; tries += 1) {
    const isUp = await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      // It may speak TLS alone, and then refuses this request; only a refused connection means that it is not up.
      (error: { code?: string; cause?: { code?: string } }) =>
        !/ECONNREFUSED|ConnectionRefused/.test(`${error.code} ${error.cause?.code}`),
    );
    if (isUp) break;
    if (tries > 300 || child.exitCode !== null) throw new Error(`${program} did not start`);
    await sleep(100);
  }
  return server;
}

export async function startS3(): Promise<ObjectServer> {
  const folder = mkdtempSync(join(tmpdir(), 'nozama-s3-'));
  mkdirSync(join(folder, 'data', 'shop-backups'), { recursive: true });
  const port = await findFreePort();
  const access = { AWS_ACCESS_KEY_ID: 'backups', AWS_SECRET_ACCESS_KEY: 'never-to-be-seen' };
  const server = await run(
    versitygw,
    [
      ...['--access', access.AWS_ACCESS_KEY_ID, '--secret', access.AWS_SECRET_ACCESS_KEY],
      ...['--port', `127.0.0.1:${port}`, 'posix', join(folder, 'data')],
    ],
    port,
    folder,
  );
  const environment = { ...access, AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` };
  return { ...server, address: 's3://shop-backups/a/b', environment };
}

/** The account that every Azurite has, with its public key. */
const account = 'devstoreaccount1';
const accountKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** A shared access signature of the account, for blobs. @param permissions such as `rwdlac` @param endsAtMs in an hour unless told */
export function signatureFor(permissions: string, endsAtMs = Date.now() + 3_600_000): string {
  const version = '2021-10-04';
  const expiry = new Date(endsAtMs).toISOString().replace(/\.\d+/, '');
  const text = [account, permissions, 'b', 'sco', '', expiry, '', 'https,http', version, '', ''].join('\n');
  const sig = createHmac('sha256', Buffer.from(accountKey, 'base64')).update(text).digest('base64');
  const fields = { sv: version, ss: 'b', srt: 'sco', sp: permissions, se: expiry, spr: 'https,http', sig };
  return new URLSearchParams(fields).toString();
}

export async function startAzure(): Promise<ObjectServer> {
  const { server, port } = await runAzurite([]);
  const container = `http://127.0.0.1:${port}/${account}/backups`;
  const signature = signatureFor('rwdlac');
  const { status } = await fetch(`${container}?restype=container&${signature}`, {
    method: 'PUT',
    headers: { 'x-ms-version': '2021-10-04' },
  });
  if (status !== 201) throw new Error(`the container can't be made: ${status}`);
  return {
    ...server,
    address: `${container}/a/b`,
    environment: { AZURE_STORAGE_SAS_TOKEN: signature },
  };
}

async function runAzurite(more: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'nozama-azure-'));
  const port = await findFreePort();
  const server = await run(
    azurite,
    ['--location', folder, '--blobHost', '127.0.0.1', '--blobPort', String(port), '--silent', ...more],
    port,
    folder,
  );
  return { server, port };
}

const certificates = join(import.meta.dirname, '../postgres/certificates');

/**
 * Azurite behind TLS, which takes tokens of Entra ID, and the address that gives an app of App Service one. The latter exists
 * nowhere outside Azure; what it answers is as App Service documents it, and Azurite looks at the token.
 * @param ended so many tokens have ended, although the answer says otherwise
 */
export async function startAzureWithIdentity(ended = 0): Promise<ObjectServer> {
  const tls = ['--cert', join(certificates, 'server.pem'), '--key', join(certificates, 'server.key')];
  const { server, port } = await runAzurite([...tls, '--oauth', 'basic']);
  let tokens = 0;
  const identity = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://identity');
    const isRight =
      request.headers['x-identity-header'] === 'never-to-be-seen' &&
      searchParams.get('api-version') === '2019-08-01' &&
      searchParams.get('resource') === 'https://storage.azure.com/' &&
      searchParams.get('client_id') === 'shop';
    response.statusCode = isRight ? 200 : 400;
    const expires_on = String(Math.floor(Date.now() / 1_000) + 3_600);
    tokens += 1;
    const endsAt = tokens > ended ? Number(expires_on) : Number(expires_on) - 7_200;
    response.end(JSON.stringify({ access_token: tokenUntil(endsAt), expires_on }));
  });
  await new Promise<void>((resolve) => identity.listen(0, '127.0.0.1', () => resolve()));
  const bound = identity.address();
  const identityPort = typeof bound === 'object' ? bound?.port : 0;
  return {
    ...server,
    // Not made beforehand: only a token lets us in, and a backup makes no containers.
    address: `https://localhost:${port}/${account}/backups/a/b`,
    environment: {
      IDENTITY_ENDPOINT: `http://127.0.0.1:${identityPort}/msi/token`,
      IDENTITY_HEADER: 'never-to-be-seen',
      AZURE_CLIENT_ID: 'shop',
      NODE_EXTRA_CA_CERTS: join(certificates, 'ca.pem'),
    },
    async [Symbol.asyncDispose]() {
      identity.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** A token like those of Entra ID. Azurite does not check its signature. */
function tokenUntil(exp: number): string {
  const now = Math.floor(Date.now() / 1_000);
  const tenant = '00000000-0000-0000-0000-000000000001';
  const claims = {
    aud: 'https://storage.azure.com',
    iss: `https://sts.windows.net/${tenant}/`,
    iat: now,
    nbf: now - 5,
    exp,
  };
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  return `${encode({ typ: 'JWT', alg: 'RS256' })}.${encode(claims)}.${Buffer.from('signature').toString('base64url')}`;
}

export async function startGcs(): Promise<ObjectServer> {
  const folder = mkdtempSync(join(tmpdir(), 'nozama-gcs-'));
  const port = await findFreePort();
  const place = ['-host', '127.0.0.1', '-port', String(port), '-scheme', 'http', '-backend', 'memory'];
  const server = await run(fakeGcs, [...place, '-log-level', 'error'], port, folder);
  const { status } = await fetch(`http://127.0.0.1:${port}/storage/v1/b?project=shop`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'shop-lake' }),
  });
  if (status !== 200) throw new Error(`the bucket can't be made: ${status}`);
  const environment = { STORAGE_EMULATOR_HOST: `http://127.0.0.1:${port}` };
  return { ...server, address: 'gs://shop-lake/a/b', environment };
}

export interface HdfsServer extends ObjectServer {
  /** As Hadoop's own clients name it: `hdfs://127.0.0.1:PORT`. */
  readonly fileSystem: string;
}

/** A name node and a data node. The folder /shops belongs to the user nozama. */
export async function startHdfs(): Promise<HdfsServer> {
  const folder = mkdtempSync(join(tmpdir(), 'nozama-hdfs-'));
  const user = 'nozama';
  const source = join(import.meta.dirname, 'hdfs/mini-hdfs.java');
  const memory = ['-Xmx400m', '-XX:+UseSerialGC'];
  const args = [...memory, '-cp', join(hdfsJars, '*'), source, join(folder, 'data'), user];
  const { child, ...server } = spawnServer('java', args, folder);
  const [rpcPort, port] = await new Promise<readonly [string, string]>((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
      const [, rpc, http] = /^rpc (\d+)\nport (\d+)$/m.exec(output) ?? [];
      if (rpc !== undefined && http !== undefined) resolve([rpc, http]);
    });
    child.once('close', () => reject(new Error('the HDFS did not start')));
  });
  return {
    ...server,
    address: `webhdfs://127.0.0.1:${port}/shops/a/b`,
    fileSystem: `hdfs://127.0.0.1:${rpcPort}`,
    environment: { HADOOP_USER_NAME: user },
  };
}
