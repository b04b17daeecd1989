/** Programs started by the benchmark: never left behind, never waited for without a bound. */
import { type ChildProcess, spawn } from 'node:child_process';

export interface StartedProcess {
  readonly pid: number;
  /** Resolves with the exit code, or null when a signal ended it. */
  readonly exited: Promise<number | null>;
  hasExited(): boolean;
  /** The end of its text on both outputs. */
  outputTail(): string;
  /** SIGTERM, and SIGKILL when that does not end it in time; resolves with the exit code. */
  stop(): Promise<number | null>;
}

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

const outputTailMax = 4_000;
const stopTimeoutMs = 15_000;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.on(signal, () => process.exit(code));
}

export function startProcess(command: Command): StartedProcess {
  const { child, exited } = launch(command);
  let tail = '';
  let isOver = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      tail = (tail + chunk.toString()).slice(-outputTailMax);
    });
  }
  exited.then(
    () => {
      isOver = true;
    },
    () => {
      isOver = true;
    },
  );
  return {
    pid: child.pid ?? -1,
    exited,
    hasExited: () => isOver,
    outputTail: () => tail,
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
      const code = await exited;
      clearTimeout(timer);
      return code;
    },
  };
}

/** Runs a program to its end and gives its standard output. @throws when it fails or takes too long */
export async function runProcess(command: Command, timeoutMs: number): Promise<string> {
  const { code, output, errors } = await tryProcess(command, timeoutMs);
  if (code !== 0) {
    throw new Error(
      `${command.args.join(' ')} ended with ${code}: ${(errors || output).slice(-outputTailMax)}`,
    );
  }
  return output;
}

/** Runs a program to its end, however it ends. */
export async function tryProcess(
  command: Command,
  timeoutMs: number,
): Promise<{ code: number | null; output: string; errors: string }> {
  const { child, exited } = launch(command);
  let output = '';
  let errors = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-outputTailMax);
  });
  const timer = setTimeout(() => {
    errors += `\nkilled after ${timeoutMs} ms`;
    child.kill('SIGKILL');
  }, timeoutMs);
  const code = await exited;
  clearTimeout(timer);
  return { code, output, errors };
}

function launch({ program, args, cwd, env }: Command): {
  child: ChildProcess;
  exited: Promise<number | null>;
} {
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const exited = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    // 'close' comes after the last byte of output, 'exit' may come before it.
    child.on('close', (code) => {
      running.delete(child);
      resolve(code);
    });
  });
  return { child, exited };
}
