/**
 * A setting is declared once, by an object of this shape. The reader of the environment, the Config,
 * `.env.example` and docs/CONFIGURATION.md all come from the declaration. This file imports nothing of ours,
 * so that every room, an engine among them, can declare its own settings.
 */
import { z } from 'zod';

/** A name that Nozama reads from the environment or from `.env`. */
export interface Variable {
  readonly name: string;
  /** Sentences for operators. Backticks mark code. */
  readonly description: string;
  /** As it is written in `.env`. */
  readonly example?: string;
  /** The value is never printed. */
  readonly isSecret?: boolean;
}

export interface Setting extends Variable {
  /** From the text in the environment to the value. */
  readonly schema: z.ZodType;
  /** Completes "… must be", with unit and range. */
  readonly expected: string;
  /** As it is written in `.env`. Null for none: the value is then null. */
  readonly default: string | null;
  /**
   * Without it an empty text counts as not given, since Compose and CI pass every variable on. Refused only where the
   * default is another shop than the one that was meant.
   */
  readonly whenEmpty?: 'is a value' | 'is refused';
  /** Whether a name in the environment that is nearly this one is refused while this one is not given. */
  readonly isGuarded?: boolean;
  /** Its names in other programs; refused like a misspelling, while this one is not given. */
  readonly alsoCalled?: readonly string[];
  /** Completes "NAME …" for a text that the schema does not take; null to say what is expected. */
  readonly explain?: (text: string) => string | null;
}

/** The name of a value in the program → the declaration of its setting. */
export type Settings = Readonly<Record<string, Setting>>;

export type ValueOf<Declared extends Setting> =
  | z.output<Declared['schema']>
  | (Declared['default'] extends string ? never : null);

/** The values of these settings, as the program uses them. */
export type ValuesOf<Declared extends Settings> = {
  readonly [Property in keyof Declared]: ValueOf<Declared[Property]>;
};

/** One section of docs/CONFIGURATION.md. */
export interface SettingGroup {
  readonly title: string;
  /** The text before the first setting; paragraphs are separated by a blank line. */
  readonly introduction?: string;
  readonly settings: Settings;
}

/** Variables that are no settings of the service: a command reads them when it needs them. */
export interface VariableGroup {
  readonly title: string;
  readonly introduction?: string;
  readonly variables: readonly Variable[];
}

type Range = Pick<Setting, 'expected'> & { readonly schema: z.ZodType<number> };

/** @param unit such as `milliseconds` or `a count of orders`; @param min and @param max are allowed too */
export function wholeNumber(unit: string, min: number, max: number): Range {
  return {
    schema: z
      .string()
      .regex(/^\d{1,15}$/)
      .transform(Number)
      .refine((value) => value >= min && value <= max),
    expected: `${unit} from ${min} to ${max}`,
  };
}

export const trueOrFalse = {
  schema: z.enum(['true', 'false']).transform((text) => text === 'true'),
  expected: 'true or false',
};

/** The values of a shop where nothing is set. */
export function defaultsOf<Declared extends Settings>(settings: Declared): ValuesOf<Declared> {
  const values = Object.entries(settings).map(([property, setting]) => [
    property,
    setting.default === null ? null : setting.schema.parse(setting.default),
  ]);
  return Object.freeze(Object.fromEntries(values)) as ValuesOf<Declared>;
}
