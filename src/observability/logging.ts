/**
 * Structured logs: one JSON object a line, to the terminal and to a rotating file, through pino.
 *
 * The lines of placed orders and of their steps are put together by hand, because they are written thousands of times a
 * second; every other line is pino's. Personal data never gets here: nothing in this file takes a
 * name, a street or an email.
 */
import { pino, stdSerializers } from 'pino';
import type { Order } from '../domain/order.ts';
import type { OrderEvent } from '../domain/order-event.ts';
import type { Step } from '../domain/order-step.ts';
import { createLineSink, fixedTarget, type LineSink, type LineTarget } from './line-sink.ts';
import { rotatingFile } from './rotating-file.ts';
import { formatForTerminal } from './terminal-line.ts';

export const logLevels = ['debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export type LogFields = Readonly<Record<string, unknown>>;

export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** Written before it returns. */
  fatal(fields: LogFields, message: string): void;
  orderPlaced(order: Order, requestId: string): void;
  /** @param order after the event, which the step has caused */
  orderStepped(order: Order, step: Step['name'], event: OrderEvent, requestId: string): void;
  /** Lines lost so far, because a disk was full or a reader too slow. */
  linesDropped(): number;
  /** Resolves when everything logged so far is written. */
  flush(): Promise<void>;
}

export interface LogOptions {
  readonly level: LogLevel;
  /** Null switches the file off. */
  readonly file: { readonly path: string; readonly sizeMax: number; readonly filesKept: number } | null;
  readonly terminal: { readonly file: number; readonly isTty: boolean };
}

export function openLog({ level, file, terminal }: LogOptions): Log {
  const terminalSink = createLineSink(fixedTarget(terminal.file));
  const fileTarget = file === null ? null : rotatingFile(file);
  const fileSink = fileTarget === null ? null : createLineSink(fileTarget);
  // The file first: when everything is written at once, a terminal that is not read may block for ever.
  const sinks = fileSink === null ? [terminalSink] : [fileSink, terminalSink];
  const writeLine = (line: string) => {
    terminalSink.writePromptly(terminal.isTty ? formatForTerminal(line) : line);
    fileSink?.writePromptly(line);
  };
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: errorFields },
    },
    { write: writeLine },
  );
  const problem = fileTarget === null ? null : problemOf(fileTarget);
  if (problem !== null) {
    logger.warn(
      `LOG_FILE ${file?.path} can't be written (${problem}): the log goes to the terminal alone until it can be.`,
    );
  }
  const orderSinks = logger.isLevelEnabled('info')
    ? orderLineSinks(sinks, terminalSink, terminal.isTty, level)
    : [];
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    fatal: (fields, message) => {
      logger.fatal(fields, message);
      for (const sink of sinks) sink.flushNow();
    },
    orderPlaced(order, requestId) {
      if (orderSinks.length === 0) return;
      const line = orderLine(order, requestId);
      for (const sink of orderSinks) sink.write(line);
    },
    orderStepped(order, step, event, requestId) {
      if (orderSinks.length === 0) return;
      const line = stepLine(order, step, event, requestId);
      for (const sink of orderSinks) sink.write(line);
    },
    linesDropped: () => sinks.reduce((sum, sink) => sum + sink.linesDropped(), 0),
    flush: async () => {
      await Promise.all(sinks.map((sink) => sink.flush()));
    },
  };
}

/**
 * With its causes. Errors of modules inherit their methods on Bun, and pino copies these: with a `toJSON` of another object
 * it writes nothing of the error.
 */
function errorFields(error: Error): unknown {
  const fields: unknown = stdSerializers.errWithCause(error);
  for (let one = fields; one instanceof Object; one = (one as { cause?: unknown }).cause) {
    for (const [name, value] of Object.entries(one)) {
      if (typeof value === 'function') delete (one as Record<string, unknown>)[name];
    }
  }
  return fields;
}

/** Asked once, at the start: later there are reports of lines that were lost. */
function problemOf(target: LineTarget): string | null {
  try {
    target.prepare(0);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A person at a terminal doesn't read thousands of lines a second. */
function orderLineSinks(
  sinks: readonly LineSink[],
  terminalSink: LineSink,
  isTty: boolean,
  level: LogLevel,
): readonly LineSink[] {
  return isTty && level !== 'debug' ? sinks.filter((sink) => sink !== terminalSink) : sinks;
}

/** No field needs escaping: ids and codes are of known alphabets, and request ids are checked on entry. */
function orderLine(order: Order, requestId: string): string {
  return `{"level":"info","time":"${isoTime(order.placedAtMs)}","msg":"order placed","order_id":"${order.orderId}","number":${order.number},"state":"${order.state}","total_cents":${order.totalCents},"line_count":${order.lines.length},"request_id":"${requestId}"}\n`;
}

/** The actor is a word, or `key:` and the name of an API key: neither has a character to escape. */
function stepLine(
  { orderId, number, status, revision }: Order,
  step: Step['name'],
  { atMs, actor }: OrderEvent,
  requestId: string,
): string {
  return `{"level":"info","time":"${isoTime(atMs)}","msg":"order step taken","order_id":"${orderId}","number":${number},"step":"${step}","status":"${status}","revision":${revision},"actor":"${actor}","request_id":"${requestId}"}\n`;
}

let formattedMs = -1;
let formatted = '';

/** Many orders share a millisecond. */
function isoTime(ms: number): string {
  if (ms !== formattedMs) {
    formattedMs = ms;
    formatted = new Date(ms).toISOString();
  }
  return formatted;
}
