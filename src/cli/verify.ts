/** `nozama verify`: recounts the shop from its orders, and lists the differences. */
import type { Config } from '../config/config.ts';
import { databaseAt, type EngineSettings } from '../storage/engines.ts';
import { type VerifyReport, verifyChecks } from '../storage/verify-checks.ts';
import type { Command } from './command.ts';
import { loadConfig } from './load-config.ts';
import { showProgress } from './progress.ts';

export const command: Command = {
  usage: `Recounts counters, stock, totals, log and keys of the shop in DATABASE_URL from its orders. It changes nothing,
and the service may go on meanwhile.

Usage: nozama verify

A large shop takes minutes; standard error names the check that runs.
Exit codes: 0 everything agrees, 1 a difference, or the shop can't be read; 2 wrong arguments or configuration.
`,
  options: {},
  positionals: [],
  run: () => verifyCommand(loadConfig(), (text) => process.stdout.write(text)),
};

/** @returns exit code 0 when everything agrees, else 1 */
export async function verifyCommand(
  { databaseUrl, engineSettings }: Pick<Config, 'databaseUrl' | 'engineSettings'>,
  write: (text: string) => void,
): Promise<number> {
  const report = await recount(databaseUrl, engineSettings);
  write(formatVerifyReport(report));
  return report.findings.length === 0 ? 0 : 1;
}

async function recount(databaseUrl: string, engineSettings: EngineSettings): Promise<VerifyReport> {
  const progress = showProgress();
  progress.show('opening the database');
  try {
    return await databaseAt(databaseUrl, engineSettings).verify((name, nth, count) =>
      progress.show(`check ${nth} of ${count}: ${verifyChecks[name]}`),
    );
  } finally {
    progress.end();
  }
}

export function formatVerifyReport({ checks, findings }: VerifyReport): string {
  const lines: string[] = [];
  for (const { name, examined } of checks) {
    const own = findings.filter(({ check }) => check === name);
    lines.push(`${own.length === 0 ? '  ok' : 'FAIL'}  ${verifyChecks[name]} (${examined} examined)`);
    for (const { subject, expected, found } of own) {
      lines.push(`        ${subject}: expected ${expected}, found ${found}`);
    }
  }
  lines.push(
    findings.length === 0
      ? 'Everything agrees.'
      : `${findings.length} ${findings.length === 1 ? 'difference' : 'differences'} found.`,
  );
  return `${lines.join('\n')}\n`;
}
