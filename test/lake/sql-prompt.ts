/** SQL on DuckDB or Spark, in a process of its own: sql-prompt.py. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface SqlRows {
  readonly names: readonly string[];
  readonly rows: readonly (readonly (string | number | boolean | null)[])[];
}

export interface SqlPrompt extends AsyncDisposable {
  /** @throws Error with the engine's words */
  run(statement: string): Promise<SqlRows>;
}

export interface SqlPromptOptions {
  readonly engine: 'duckdb' | 'spark';
  /** Of a Python that has the engine. */
  readonly python: string;
  /** Beside this process's. */
  readonly env?: Readonly<Record<string, string>>;
}

/** It ends with the test process, also when that is killed: its standard input is then at its end. */
export function openSqlPrompt({ engine, python, env = {} }: SqlPromptOptions): SqlPrompt {
  const child = spawn(python, [join(import.meta.dirname, 'sql-prompt.py'), engine], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-10_000);
  });
  // Its end is seen where its answers are read.
  child.stdin.on('error', () => undefined);
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve());
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async run(statement) {
      child.stdin.write(`${JSON.stringify(statement)}\n`);
      const { value, done } = await answers.next();
      if (done === true) throw new Error(`${engine} has ended:\n${complaints}`);
      const answer = JSON.parse(value) as SqlRows | { readonly error: string };
      if ('error' in answer) throw new Error(`${engine}: ${answer.error}\n${statement}`);
      return answer;
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
    },
  };
}
