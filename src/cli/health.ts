/** `nozama health`: asks the service of this configuration whether it can take an order now. */
import { type Command, UsageError } from './command.ts';
import { loadConfig } from './load-config.ts';

const timeoutMs = 3_000;

/** Characters of an answer that are shown. */
const answerCharsMax = 500;

export const command: Command = {
  usage: `Asks a running service whether it can take an order now (GET /readyz), for up to ${timeoutMs / 1000} s.

Usage: nozama health [--url http://HOST:PORT]

  --url  the service; without it, the one that HOST and PORT describe, on this machine

Exit codes: 0 ready, 1 not ready or no answer, 2 wrong arguments or configuration.
`,
  options: { url: { type: 'string' } },
  positionals: [],
  async run({ values }) {
    const url = readyUrl(values['url']);
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), redirect: 'manual' });
      const answer = (await response.text()).slice(0, answerCharsMax);
      if (response.ok) {
        process.stdout.write(`Ready: ${url}\n`);
        return 0;
      }
      process.stderr.write(`Not ready: ${url} answered ${response.status}: ${answer}\n`);
    } catch (error) {
      process.stderr.write(`Not ready: ${url} did not answer: ${reasonOf(error)}\n`);
    }
    return 1;
  },
};

function readyUrl(given: string | boolean | undefined): string {
  if (typeof given === 'string') {
    if (!/^https?:\/\/[^/?#@]+\/?$/.test(given) || !URL.canParse(given))
      throw new UsageError('--url must look like http://localhost:5000.');
    return new URL('/readyz', given).href;
  }
  const { host, port } = loadConfig();
  if (port === 0) throw new UsageError('PORT is 0, any free one: nozama health needs --url.');
  return `http://${reachable(host)}:${port}/readyz`;
}

/** A service that listens on every address is asked at the loopback address. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `nothing within ${timeoutMs / 1000} s`;
  // Node wraps the failure of the socket in an error of its own, Bun does not.
  const failure = error.cause instanceof Error ? error.cause : error;
  if ('code' in failure && /^(ECONNREFUSED|ConnectionRefused)$/.test(String(failure.code)))
    return 'no service listens there. Is it started, with this HOST and PORT?';
  return failure.message;
}
