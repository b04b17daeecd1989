/** `nozama copy`: moves a shop that has outgrown its machine to another engine. */
import { type CopyProgress, type CopyReport, copyShop } from '../storage/copy-shop.ts';
import { type Database, DatabaseRefusedError, type Engine } from '../storage/engine.ts';
import { databaseAt, databaseUrlMistake, engineOf, enginesThatCan, exampleUrls } from '../storage/engines.ts';
import {
  CopyRefusedError,
  countOfSection,
  type ShopReader,
  type ShopWriter,
} from '../storage/shop-transfer.ts';
import { type Command, type CommandArguments, UsageError } from './command.ts';
import { describePace } from './copy-pace.ts';
import { grouped } from './figures.ts';
import { loadConfig } from './load-config.ts';
import { showProgress } from './progress.ts';
import { formatVerifyReport } from './verify.ts';

const usage = `Moves a shop from SQLite to PostgreSQL, exactly as it is, and verifies it there.

Usage: nozama copy --from sqlite:FILE --to postgres://user@host/database

Stop the service on FILE first: the copy locks every other program out of FILE, and changes nothing in it.
The target must be an empty database; the copy makes its schema. It takes no orders before the copy has ended.
When a copy was stopped or killed, the same command goes on where that one ended.
It copies the secret of the links to confirmations (FILE.order-key) too; if you set ORDER_KEY_SECRET, keep it.
Give a password as DATABASE_PASSWORD or DATABASE_PASSWORD_FILE rather than in the address.
Exit codes: 0 copied and verified, 1 refused or found different, 2 wrong arguments.
`;

export const command: Command = {
  usage,
  options: { from: { type: 'string' }, to: { type: 'string' } },
  positionals: [],
  run({ values }) {
    const from = readAddress(values, 'from', enginesThatCan('copyFrom'));
    const to = readAddress(values, 'to', enginesThatCan('copyInto'));
    const { engineSettings, orderKeySecret } = loadConfig();
    const source = databaseAt(from, engineSettings);
    const target = databaseAt(to, engineSettings);
    return copy(source, target, orderKeySecret !== null);
  },
};

/** Never repeats an address: there may be a password in it. */
function readAddress(
  values: CommandArguments['values'],
  name: 'from' | 'to',
  engines: readonly Engine[],
): string {
  const given = values[name];
  const examples = exampleUrls(engines).join(' or ');
  if (typeof given !== 'string') throw new UsageError(`nozama copy needs --${name} ${examples}.`);
  const engine = engineOf(given);
  if (engine === null || !engines.includes(engine))
    throw new UsageError(`--${name} must look like ${examples}.`);
  const mistake = databaseUrlMistake(given);
  if (mistake !== null) throw new UsageError(`--${name} ${mistake}`);
  return given;
}

async function copy(source: Database, target: Database, hasConfiguredSecret: boolean): Promise<number> {
  const reader = await concerning('--from', async () => openReader(source));
  try {
    const secret = hasConfiguredSecret ? null : keptSecret(reader);
    const secretWords = wordsOnSecret(hasConfiguredSecret, secret !== null);
    const writer = await concerning('--to', () => openWriter(target, reader.identity));
    const progress = showProgress();
    const detailOf = describePace(Date.now);
    try {
      const report = await copyShop(
        reader,
        writer,
        { orderKeySecret: secret, auditHead: reader.auditHead, shopId: reader.shopId },
        (reached) => progress.show(stageOf(reached), detailOf(reached)),
      );
      progress.end();
      process.stdout.write(describeReport(report, secretWords));
      return report.isOpen ? 0 : 1;
    } finally {
      progress.end();
      await writer.close();
    }
  } finally {
    reader.close();
  }
}

function openReader({ engine, openReader: open }: Database): ShopReader {
  if (open === null) throw new CopyRefusedError(engine.lacks.copyFrom ?? '');
  return open();
}

function openWriter({ engine, openWriter: open }: Database, identity: string): Promise<ShopWriter> {
  if (open === null) throw new CopyRefusedError(engine.lacks.copyInto ?? '');
  return open(identity);
}

function stageOf({ section }: CopyProgress): string {
  return section === 'verification' ? 'recounting the target' : `copying ${countOfSection[section]}`;
}

/** Without it, links to confirmations that customers have would show no names any more. */
function keptSecret(reader: ShopReader): Uint8Array | null {
  const secret = reader.readOrderKeySecret();
  if (secret === null && reader.figures.orders !== '0') {
    throw new CopyRefusedError(
      `${reader.orderKeySecretAt} is missing, so that links to confirmations would stop working: put it there, or set ORDER_KEY_SECRET to the service's value.`,
    );
  }
  return secret;
}

function wordsOnSecret(isConfigured: boolean, isCopied: boolean): string {
  if (isConfigured)
    return 'Links to confirmations go on working as long as the service has the same ORDER_KEY_SECRET.';
  if (isCopied) return 'Links to confirmations go on working: their secret is in the database now.';
  return 'There are no orders yet, so no links to confirmations either.';
}

function describeReport(
  { figures, differences, verification, isOpen }: CopyReport,
  secretWords: string,
): string {
  const count = (text: string) => grouped(Number(text));
  const lines = [
    ...differences.map(
      ({ figure, source, target }) => `FAIL  ${figure}: ${source} at the source, ${target} copied`,
    ),
    ...(verification === null ? [] : [formatVerifyReport(verification).trimEnd()]),
  ];
  if (isOpen) {
    lines.push(
      `Copied ${count(figures.orders)} orders, ${count(figures.products)} products and ${count(figures['idempotency keys'])} idempotency keys; counts, sums and the recount agree.`,
      secretWords,
      'Start the service with the new DATABASE_URL, and never again on the old file: orders placed there are not here.',
    );
  } else {
    lines.push(
      'The target is not the same shop, and stays closed: run `nozama verify` on the source, make the target anew, and copy again.',
    );
  }
  return `${lines.join('\n')}\n`;
}

/** The message of an engine names DATABASE_URL; here the address came from an option. */
async function concerning<Result>(option: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DatabaseRefusedError)) throw error;
    throw new CopyRefusedError(error.message.replaceAll('DATABASE_URL', option), { cause: error });
  }
}
