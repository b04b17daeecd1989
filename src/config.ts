/** From the environment (and a `.env` file beside where the service is started) to one frozen Config. */
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { logLevels } from './observability/logging.ts';
import { databaseSchemes, type EngineSettings } from './storage/open-order-store.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What is wrong with the configuration: one line for each mistake, ready to print. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Values that must never be printed. */
const secretNames: ReadonlySet<string> = new Set([
  'ORDER_KEY_SECRET',
  'DATABASE_PASSWORD',
  'OTEL_EXPORTER_OTLP_HEADERS',
]);

const wholeNumber = (min: number, max: number, fallback: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .refine((value) => value >= min && value <= max)
    .default(fallback);

const yesOrNo = z.enum(['true', 'false']).transform((value) => value === 'true');

/** An `http:` or `https:` origin: scheme, host and port, nothing after it. */
function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text;
}

/** As it gets into links and headers as it is, it must be written as a parser would write it. */
function isBaseUrl(text: string): boolean {
  if (!URL.canParse(text) || !/^https?:\/\/[^?#@]+$/.test(text)) return false;
  const { href } = new URL(text);
  return href === text || href === `${text}/`;
}

/** `sqlite://data/x.db` would be /data/x.db here and something else in other programs: nobody means both. */
export function isDatabaseUrl(url: string): boolean {
  return (
    databaseSchemes.some((scheme) => url.startsWith(`${scheme}:`) && url.length > scheme.length + 1) &&
    !url.startsWith('sqlite://')
  );
}

/** What was given, without a password in it. */
function withoutPassword(given: string | undefined): string {
  return JSON.stringify(given?.replace(/(\/\/[^/@:]*:).*@/s, '$1…@'));
}

/** An address may hold a password: then not even a mistyped one is shown. */
function isSecret(name: string, given: string | undefined): boolean {
  return secretNames.has(name) || (name === 'DATABASE_URL' && given?.includes('@') === true);
}

/** Values are percent-encoded (OpenTelemetry, "Specifying headers via environment variables"). */
function headersOf(list: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    list.split(',').map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at), decodeLeniently(pair.slice(at + 1))];
    }),
  );
}

function decodeLeniently(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

const text = z.string().nullable().default(null);

interface Setting {
  readonly schema: z.ZodType;
  /** Completes "… must be". */
  readonly expected: string;
}

const settings = {
  PORT: { schema: wholeNumber(0, 65_535, 5_000), expected: 'a port from 0 (any free one) to 65535' },
  PORT_SHARED: { schema: yesOrNo.default(false), expected: 'true or false' },
  HOST: { schema: z.string().min(1).default('127.0.0.1'), expected: 'a host name or address to listen on' },
  DATABASE_URL: {
    schema: z.string().refine(isDatabaseUrl).default('sqlite:./data/nozama.db'),
    expected: 'a database such as sqlite:./data/nozama.db or postgres://nozama@localhost/shop',
  },
  DATABASE_PASSWORD: { schema: text, expected: 'the password of the user in DATABASE_URL' },
  DATABASE_PASSWORD_FILE: { schema: text, expected: 'a file that holds that password' },
  DATABASE_MIGRATE_AT_START: { schema: yesOrNo.default(true), expected: 'true or false' },
  DATABASE_ALLOW_UNSAFE_COMMITS: { schema: yesOrNo.default(false), expected: 'true or false' },
  DATABASE_READ_CONNECTIONS: {
    schema: wholeNumber(1, 100, 2),
    expected: 'a count of connections from 1 to 100',
  },
  DATABASE_WRITE_CONNECTIONS: {
    schema: wholeNumber(1, 100, 1),
    expected: 'a count of connections from 1 to 100',
  },
  DATABASE_CONNECT_TIMEOUT_MS: {
    schema: wholeNumber(100, 60_000, 3_000),
    expected: 'milliseconds from 100 to 60000',
  },
  DATABASE_STATEMENT_TIMEOUT_MS: {
    schema: wholeNumber(100, 600_000, 5_000),
    expected: 'milliseconds from 100 to 600000',
  },
  DATABASE_LOCK_TIMEOUT_MS: {
    schema: wholeNumber(100, 600_000, 3_000),
    expected: 'milliseconds from 100 to 600000',
  },
  DEMO_STOCK: {
    schema: wholeNumber(0, 1_000_000_000, 0).unwrap().nullable().default(null),
    expected: 'units of every demo product, 0 to 1000000000',
  },
  LOG_LEVEL: { schema: z.enum(logLevels).default('info'), expected: `one of ${logLevels.join(', ')}` },
  LOG_FILE: { schema: z.string().default('logs/app.log'), expected: 'a file to log to, or empty for none' },
  LOG_FILE_SIZE_MAX: {
    schema: wholeNumber(1_024, 10_000_000_000, 67_108_864),
    expected: 'bytes from 1024 to 10000000000',
  },
  LOG_FILES_KEPT: { schema: wholeNumber(0, 1_000, 5), expected: 'a count of old log files from 0 to 1000' },
  QUEUE_DEPTH_MAX: {
    schema: wholeNumber(1, 1_000_000, 10_000),
    expected: 'a count of orders from 1 to 1000000',
  },
  COMMIT_BATCH_MAX: {
    schema: wholeNumber(1, 10_000, 256),
    expected: 'a count of orders from 1 (no batching) to 10000',
  },
  BODY_BYTES_MAX: { schema: wholeNumber(1_024, 1_048_576, 65_536), expected: 'bytes from 1024 to 1048576' },
  BODY_TIMEOUT_MS: { schema: wholeNumber(100, 255_000, 10_000), expected: 'milliseconds from 100 to 255000' },
  SHUTDOWN_TIMEOUT_MS: {
    schema: wholeNumber(100, 600_000, 8_000),
    expected: 'milliseconds from 100 to 600000',
  },
  SHUTDOWN_DELAY_MS: {
    schema: wholeNumber(0, 600_000, 0),
    expected: 'milliseconds from 0 to 600000',
  },
  IDLE_TIMEOUT_MS: {
    schema: wholeNumber(1_000, 255_000, 75_000),
    expected: 'milliseconds from 1000 to 255000',
  },
  ORDER_KEY_SECRET: {
    schema: z
      .string()
      .regex(/^[\x21-\x7e]{32,}$/)
      .nullable()
      .default(null),
    expected: 'at least 32 visible ASCII characters, such as from `openssl rand -base64 32`',
  },
  CORS_ORIGINS: {
    schema: z
      .string()
      .transform((list) => list.split(',').flatMap((origin) => origin.trim() || []))
      .refine((origins) => origins.every(isOrigin))
      .default([]),
    expected: 'origins separated by commas, such as https://shop.example,https://app.example:8443',
  },
  PUBLIC_URL: {
    schema: z
      .string()
      .refine(isBaseUrl)
      .transform((url) => url.replace(/\/+$/, ''))
      .nullable()
      .default(null),
    expected: 'the address that customers use, such as https://shop.example',
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    schema: z.string().refine(isBaseUrl).nullable().default(null),
    expected: 'the address of a collector, such as http://localhost:4318',
  },
  OTEL_EXPORTER_OTLP_HEADERS: {
    schema: z
      .string()
      .regex(/^([\w-]+=[\x21-\x2b\x2d-\x7e]+)(,[\w-]+=[\x21-\x2b\x2d-\x7e]+)*$/)
      .transform(headersOf)
      .default({}),
    expected: 'headers such as name=value,name=value, with values as in a URL',
  },
  OTEL_SERVICE_NAME: {
    schema: z.string().min(1).max(255).default('nozama'),
    expected: 'a name of 1 to 255 characters',
  },
  OTEL_TRACES_SAMPLER_ARG: {
    schema: z
      .string()
      .regex(/^(0(\.\d{1,9})?|1(\.0{1,9})?)$/)
      .transform(Number)
      .default(0.01),
    expected: 'a share of requests from 0 to 1, such as 0.01',
  },
  TRUST_PROXY: { schema: yesOrNo.default(false), expected: 'true or false' },
} as const satisfies Record<string, Setting>;

/** Every name the configuration knows; `.env.example` and the README list the same. */
export const settingNames = Object.keys(settings) as readonly (keyof typeof settings)[];

type Values = { readonly [Name in keyof typeof settings]: z.infer<(typeof settings)[Name]['schema']> };

export interface Config {
  readonly port: number;
  /** Whether other processes of the same user may listen on the port too, so that one can take over from another. */
  readonly isPortShared: boolean;
  readonly host: string;
  readonly databaseUrl: string;
  readonly engineSettings: EngineSettings;
  /** Units of every demo product at seeding; null for those of the catalogue itself. */
  readonly demoStock: number | null;
  readonly logLevel: (typeof logLevels)[number];
  /** Null for no file. */
  readonly logFile: string | null;
  readonly logFileSizeMax: number;
  readonly logFilesKept: number;
  readonly queueDepthMax: number;
  readonly commitBatchMax: number;
  readonly bodyBytesMax: number;
  /** From the start of reading a body to its end. */
  readonly bodyTimeoutMs: number;
  readonly shutdownTimeoutMs: number;
  /** After the wish to stop: how long requests are still taken, and only /readyz says that it is over. */
  readonly shutdownDelayMs: number;
  readonly idleTimeoutMs: number;
  /** Null for one that is made and kept beside the database. */
  readonly orderKeySecret: string | null;
  readonly corsOrigins: readonly string[];
  /** Without a slash at its end; null when links are paths. */
  readonly publicUrl: string | null;
  /** Whether X-Forwarded-Proto comes from a proxy of ours. */
  readonly trustProxy: boolean;
  /** Null: nothing is traced. */
  readonly tracing: {
    readonly endpoint: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly serviceName: string;
    readonly sampledShare: number;
  } | null;
}

/** What a `.env` file says; nothing when there is none. */
export function readEnvFile(path: string): Environment {
  try {
    return parseEnv(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(
      `${path} can't be read (${reason}): make it a file that this user may read, or move it away.`,
      { cause: error },
    );
  }
}

/**
 * The environment goes before the file. An empty value counts as not given, except that an empty LOG_FILE
 * switches the file off. @throws ConfigError naming every mistake
 */
export function parseConfig(environment: Environment, envFile: Environment = {}): Config {
  const values: Record<string, unknown> = {};
  const mistakes: string[] = [];
  for (const name of settingNames) {
    const given = environment[name] ?? envFile[name];
    const { schema, expected }: Setting = settings[name];
    const result = schema.safeParse(given === '' && name !== 'LOG_FILE' ? undefined : given);
    if (result.success) {
      values[name] = result.data;
    } else {
      const shown = isSecret(name, given) ? 'what was given' : withoutPassword(given);
      mistakes.push(`${name} must be ${expected}, not ${shown}. Change it, or leave it out for the default.`);
    }
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes.join('\n'));
  return toConfig(values as unknown as Values);
}

function toConfig(values: Values): Config {
  return Object.freeze({
    port: values.PORT,
    host: values.HOST,
    isPortShared: values.PORT_SHARED,
    databaseUrl: values.DATABASE_URL,
    engineSettings: Object.freeze({
      postgres: Object.freeze({
        password: values.DATABASE_PASSWORD,
        passwordFile: values.DATABASE_PASSWORD_FILE,
        migratesAtStart: values.DATABASE_MIGRATE_AT_START,
        allowsUnsafeCommits: values.DATABASE_ALLOW_UNSAFE_COMMITS,
        readConnections: values.DATABASE_READ_CONNECTIONS,
        writeConnections: values.DATABASE_WRITE_CONNECTIONS,
        connectTimeoutMs: values.DATABASE_CONNECT_TIMEOUT_MS,
        statementTimeoutMs: values.DATABASE_STATEMENT_TIMEOUT_MS,
        lockTimeoutMs: values.DATABASE_LOCK_TIMEOUT_MS,
      }),
    }),
    demoStock: values.DEMO_STOCK,
    logLevel: values.LOG_LEVEL,
    logFile: values.LOG_FILE === '' ? null : values.LOG_FILE,
    logFileSizeMax: values.LOG_FILE_SIZE_MAX,
    logFilesKept: values.LOG_FILES_KEPT,
    queueDepthMax: values.QUEUE_DEPTH_MAX,
    commitBatchMax: values.COMMIT_BATCH_MAX,
    bodyBytesMax: values.BODY_BYTES_MAX,
    bodyTimeoutMs: values.BODY_TIMEOUT_MS,
    shutdownTimeoutMs: values.SHUTDOWN_TIMEOUT_MS,
    shutdownDelayMs: values.SHUTDOWN_DELAY_MS,
    idleTimeoutMs: values.IDLE_TIMEOUT_MS,
    orderKeySecret: values.ORDER_KEY_SECRET,
    corsOrigins: values.CORS_ORIGINS,
    publicUrl: values.PUBLIC_URL,
    trustProxy: values.TRUST_PROXY,
    tracing:
      values.OTEL_EXPORTER_OTLP_ENDPOINT === null
        ? null
        : Object.freeze({
            endpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT,
            headers: values.OTEL_EXPORTER_OTLP_HEADERS,
            serviceName: values.OTEL_SERVICE_NAME,
            sampledShare: values.OTEL_TRACES_SAMPLER_ARG,
          }),
  });
}
