/**
 * Names that Nozama does not know. In `.env` a name that looks like one of ours is refused; one of another program
 * (`TZ`, `NODE_ENV`, `HTTPS_PROXY`) has no effect there, and is warned of. An environment holds the names of many
 * programs: there a name is refused only when it is nearly the name of a guarded setting that is not given, and a name
 * that looks like one of ours is warned of.
 */
import { objectStoreVariables } from '../objects/object-store-variables.ts';
import { editsBetween } from '../program/edits-between.ts';
import type { EnvFile } from './env-file.ts';
import type { Setting } from './setting.ts';
import { settingGroups } from './setting-groups.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const settings: readonly Setting[] = settingGroups.flatMap((group) => Object.values(group.settings));
const known: ReadonlySet<string> = new Set(
  [...settings, ...objectStoreVariables.variables].map(({ name }) => name),
);

/** Names of others in `.env` with such a beginning are meant for Nozama. */
const ours = /^(DATABASE|NOZAMA)_/i;

/** Docker Compose reads the `.env` beside compose.yaml too: its own names, and those that compose.yaml asks for. */
const ofCompose = /^(COMPOSE_\w+|DOCKER_\w+|COMMIT|COMMIT_DATE|BACKUP_TO)$/;

/** A foreign name with such a beginning is worth a warning: Nozama has settings that begin so. */
const familiar = /^(DATABASE|NOZAMA|OTEL)_/i;

/** Kubernetes and Docker set `NOZAMA_PORT=tcp://…` and others in every container beside a service named nozama. */
function isOfOrchestrator(name: string, value: string): boolean {
  return /_SERVICE_(HOST|PORT\w*)$|_PORT_\d+_(TCP|UDP)\w*$/.test(name) || /^(tcp|udp):\/\//.test(value);
}

/** Edits between two names that are told as a misspelling: a short name has too many neighbours. */
const editsMax = (name: string) => (name.length < 5 ? 0 : name.length < 12 ? 1 : 2);

/** More edits than in an environment, where a wrong guess would keep a shop from opening. */
const extraEditsInFile = 1;

/**
 * @param isGiven whether a setting is given by its own name, in the environment or in `.env`
 * @returns a sentence for each name in the file that was meant for Nozama, and is not known
 */
export function unknownInFile(
  file: EnvFile,
  path: string,
  isGiven: (setting: Setting) => boolean,
): readonly string[] {
  const mistakes: string[] = [];
  for (const [name, { line }] of strangersIn(file)) {
    const near = nearest(name, extraEditsInFile);
    // Another program may have a name of its own that is near ours. It is no slip when ours is there, too.
    const isOurs = ours.test(name);
    if (near === null ? !isOurs : isGiven(near) && (!isOurs || isCalled(near, name))) continue;
    const remedy =
      near === null
        ? 'docs/CONFIGURATION.md lists all settings. Remove the line, or set the name in the environment if another program needs it.'
        : `Did you mean ${near.name}?`;
    mistakes.push(`${path}, line ${line}: ${name} is not a setting of Nozama. ${remedy}`);
  }
  return mistakes;
}

/** A sentence for the log about names of other programs in the file; null without such names. */
export function foreignNamesWarning(file: EnvFile, path: string): string | null {
  const found = strangersIn(file).map(([name]) => name);
  if (found.length === 0) return null;
  return `${path} has names that Nozama does not read: ${found.join(', ')}. They have no effect on it; set those that its process needs (TZ, HTTPS_PROXY) in the environment.`;
}

function strangersIn(file: EnvFile) {
  return Array.from(file).filter(([name]) => !known.has(name) && !ofCompose.test(name));
}

/**
 * @param isGiven whether a setting is given by its own name, in the environment or in `.env`
 * @returns a sentence for each name that was probably meant as a guarded setting
 */
export function misspelledInEnvironment(
  environment: Environment,
  isGiven: (setting: Setting) => boolean,
): readonly string[] {
  return strangersInEnvironment(environment).flatMap((name) => {
    const near = nearest(name, 0);
    if (near?.isGuarded !== true || isGiven(near)) return [];
    return `${name} is not a setting of Nozama. Did you mean ${near.name}? Rename it, or set ${near.name} too.`;
  });
}

/** A sentence for the log about names that look like settings and are none; null without such names. */
export function strangeNamesWarning(environment: Environment): string | null {
  const found = strangersInEnvironment(environment).flatMap((name) => {
    const near = nearest(name, 0);
    if (near !== null && isCalled(near, name) && environment[near.name] !== undefined) return [];
    if (near !== null) return `${name} (did you mean ${near.name}?)`;
    return familiar.test(name) ? name : [];
  });
  if (found.length === 0) return null;
  return `The environment has names that Nozama does not know and ignores: ${found.join(', ')}. docs/CONFIGURATION.md lists all settings.`;
}

function strangersInEnvironment(environment: Environment): readonly string[] {
  return Object.entries(environment).flatMap(([name, value]) => {
    // Windows takes a name in any case, so that the setting itself can stand there in small letters.
    const setting = name.toUpperCase();
    const isKnown = known.has(setting) && environment[setting] === value;
    return isKnown || value === undefined || value === '' || isOfOrchestrator(name, value) ? [] : [name];
  });
}

function isCalled({ alsoCalled = [] }: Setting, name: string): boolean {
  return alsoCalled.includes(name.toUpperCase());
}

/** @param extraEdits beside those that {@link editsMax} allows */
function nearest(name: string, extraEdits: number): Setting | null {
  const given = plain(name);
  let best: { setting: Setting; edits: number } | null = null;
  for (const setting of settings) {
    if (isCalled(setting, name)) return setting;
    const wanted = plain(setting.name);
    const allowed = Math.min(editsMax(wanted) + extraEdits, wanted.length / 2);
    // Each edit changes the length by one at most; without this, looking at every pair took a tenth of a start.
    if (Math.abs(given.length - wanted.length) > allowed) continue;
    const edits = editsBetween(given, wanted);
    if (edits > allowed) continue;
    if (best === null || edits < best.edits) best = { setting, edits };
  }
  return best?.setting ?? null;
}

/** `nozama.database-url` → `DATABASEURL`. */
function plain(name: string): string {
  return name
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '')
    .replace(/^NOZAMA/, '');
}
