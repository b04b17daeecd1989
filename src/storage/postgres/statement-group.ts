/**
 * Statements that a connection has prepared, with one Sync behind all of them. `pg` sends a Sync and asks for the names of
 * the columns with each statement: then the server writes to the socket, and the client wakes, once for each. Here once
 * for all (docs/decisions/0041).
 *
 * When one fails, the server leaves those behind it out. They are to be within a transaction, which has failed then;
 * outside of one they would be one transaction together.
 */
import pg from 'pg';
import type { Answer, Row, Statement } from './connection.ts';

/** How the rows of a prepared statement are read; it never changes as long as it is prepared. */
export interface RowShape {
  readonly names: readonly string[];
  readonly parsers: readonly ((text: string) => unknown)[];
}

export interface PreparedStatement {
  readonly name: string;
  readonly shape: RowShape;
  /** As the protocol has them. */
  readonly values: readonly (string | null)[];
}

/** Null when a value is of a kind that `pg` has to encode. */
export function toPrepared(
  name: string,
  shape: RowShape,
  values: Statement['values'],
): PreparedStatement | null {
  const encoded: (string | null)[] = [];
  for (const value of values ?? []) {
    const text = Array.isArray(value) ? arrayLiteral(value) : scalarText(value);
    if (text === undefined) return null;
    encoded.push(text);
  }
  return { name, shape, values: encoded };
}

/** @returns undefined for an object, such as bytes */
function scalarText(value: unknown): string | null | undefined {
  if (value == null) return null;
  return typeof value === 'object' ? undefined : String(value);
}

/** PostgreSQL's documentation, 8.15.6. Texts always stand in quotes: then none of them is NULL or a brace. */
function arrayLiteral(values: readonly unknown[]): string | undefined {
  let literal = '{';
  for (const value of values) {
    if (literal.length > 1) literal += ',';
    if (typeof value === 'string') literal += `"${escaped(value)}"`;
    else {
      const text = scalarText(value);
      if (text === undefined) return undefined;
      literal += text ?? 'NULL';
    }
  }
  return `${literal}}`;
}

function escaped(text: string): string {
  return /["\\]/.test(text) ? text.replaceAll(/["\\]/g, '\\$&') : text;
}

type Callback = (error: unknown) => void;

/** To be handed to `Client.query`, which calls what begins with `handle` as answers come in. */
export class StatementGroup extends pg.Query {
  /** `pg` puts its own around it, which ends the time limit. */
  declare callback: Callback;
  readonly #statements: readonly PreparedStatement[];
  readonly #giveUp: () => void;
  readonly #answers: Answer[] = [];
  #rows: Row[] = [];
  /** That a row can't be read; without its values, since it is logged. */
  #failure: Error | null = null;

  /** @param giveUp closes the connection at once */
  constructor(
    statements: readonly PreparedStatement[],
    giveUp: () => void,
    settle: (error: unknown, answers: readonly Answer[]) => void,
  ) {
    super('', (error) => settle(error, this.#answers));
    this.#statements = statements;
    this.#giveUp = giveUp;
  }

  override submit = (connection: pg.Connection): void => {
    for (const { name, values } of this.#statements) {
      connection.bind({ portal: '', statement: name, values: values as (string | null)[] } as never, true);
      connection.execute(null, true);
    }
    connection.sync();
  };

  /**
   * An error that is thrown here would end the process, because `pg` calls it as bytes come in. The connection is given up:
   * its transaction may be open, and holds locks.
   */
  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    try {
      this.#rows.push(this.#read(fields));
    } catch {
      const { name } = this.#statements[this.#answers.length] ?? {};
      this.#failure ??= new Error(`a row of the statement ${name} can’t be read`);
      this.#giveUp();
    }
  }

  /** @param text such as `INSERT 0 12`, `SELECT 3` or `LOCK TABLE` */
  handleCommandComplete({ text }: { readonly text: string }): void {
    const words = text.split(' ');
    this.#answers.push({
      rows: this.#rows,
      command: words[0] ?? '',
      rowCount: Number.parseInt(words.at(-1) ?? '', 10) || 0,
    });
    this.#rows = [];
  }

  handleReadyForQuery(): void {
    this.callback(this.#failure);
  }

  /** @param error what the server says, or that the connection is lost */
  handleError(error: unknown): void {
    this.callback(this.#failure ?? error);
  }

  #read(fields: readonly (string | null)[]): Row {
    const shape = this.#statements[this.#answers.length]?.shape;
    if (shape === undefined) throw new Error('the server answers more statements than it was sent');
    const row: Record<string, unknown> = {};
    for (const [index, name] of shape.names.entries()) {
      const text = fields[index];
      row[name] = text == null ? null : shape.parsers[index]?.(text);
    }
    return row;
  }
}
