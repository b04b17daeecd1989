/** Finds the scenario files of this folder, and reads one. */
import { readdir, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Scenario } from './scenario.ts';

/** One sentence that names the file and its mistake. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
}

export interface ListedScenario {
  /** Of the file, without `.ts`. */
  readonly name: string;
  readonly title: string;
  readonly about: string;
}

/** Files here that are no scenarios. */
const otherFiles = new Set(['scenario.ts', 'requests.ts', 'choose-products.ts', 'load-scenario.ts']);
const stockMax = 1_000_000_000;
const nameForm = /^[a-z0-9]+(-[a-z0-9]+)*$/;

async function scenarioNames(folder: URL): Promise<readonly string[]> {
  const files = await readdir(folder);
  return files
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !otherFiles.has(file))
    .map((file) => file.slice(0, -'.ts'.length))
    .filter((name) => nameForm.test(name))
    .sort();
}

const here = new URL('./', import.meta.url);

/** All scenarios, by name. A file with an error has that error as its description. */
export async function listScenarios(folder = here): Promise<readonly ListedScenario[]> {
  const names = await scenarioNames(folder);
  return Promise.all(
    names.map(async (name) => {
      try {
        const { title, about } = await loadScenario(name, folder);
        return { name, title, about };
      } catch (error) {
        return { name, title: name, about: error instanceof Error ? error.message : String(error) };
      }
    }),
  );
}

/** @throws ScenarioError */
export async function loadScenario(name: string, folder = here): Promise<Scenario> {
  if (!nameForm.test(name) || !(await scenarioNames(folder)).includes(name)) {
    const known = (await scenarioNames(folder)).join(', ');
    throw new ScenarioError(`There is no scenario ${JSON.stringify(name)}; there are ${known}.`);
  }
  const file = new URL(`${name}.ts`, folder);
  let module: { readonly scenario?: unknown };
  try {
    // A file that was changed since it was read last is another module.
    const { mtimeMs, size } = await stat(file);
    // Bun forgets the query of a URL, but not that of a path; Node takes only URLs.
    const address = process.versions['bun'] === undefined ? file.href : fileURLToPath(file);
    module = (await import(`${address}?changed=${mtimeMs}-${size}`)) as { readonly scenario?: unknown };
  } catch (error) {
    throw new ScenarioError(`Scenario ${name} can't be read: ${firstLine(error)}`);
  }
  const mistake = mistakeIn(module.scenario);
  if (mistake !== null) throw new ScenarioError(`Scenario ${name}: ${mistake}`);
  return module.scenario as Scenario;
}

/** Several errors of one file come together, as an AggregateError. */
function firstLine(error: unknown): string {
  const [first = error] = error instanceof AggregateError ? (error.errors as readonly unknown[]) : [];
  const message = first instanceof Error ? first.message : String(first);
  const { position } = first as { position?: { line?: number } | null };
  const line = position?.line === undefined ? '' : ` (line ${position.line})`;
  return `${message.split('\n', 1)[0]}${line}`;
}

function mistakeIn(given: unknown): string | null {
  if (typeof given !== 'object' || given === null) return 'it has no `export const scenario`.';
  const { title, about, tasks, requestsPerJourney = 1, stock = 0 } = given as Partial<Scenario>;
  if (typeof title !== 'string' || title === '') return 'its title is missing.';
  if (typeof about !== 'string' || about === '') return 'what it is about is missing.';
  if (!Array.isArray(tasks) || tasks.length === 0) return 'it has no tasks.';
  if (!(requestsPerJourney >= 0.01 && requestsPerJourney <= 10_000))
    return `requestsPerJourney is ${requestsPerJourney}, not 0.01 to 10000.`;
  if (!(Number.isInteger(stock) && stock >= 0 && stock <= stockMax))
    return `stock is ${stock}, not a whole number from 0 to ${stockMax}.`;
  for (const [i, task] of (tasks as readonly Partial<Scenario['tasks'][number]>[]).entries()) {
    const which = `task ${i + 1}`;
    if (typeof task !== 'object' || task === null) return `${which} is not a task.`;
    if (!(typeof task.weight === 'number' && task.weight > 0 && Number.isFinite(task.weight)))
      return `the weight of ${which} is ${task.weight}, not a number above 0.`;
    if (typeof task.run !== 'function') return `${which} has no run, a generator function.`;
  }
  return null;
}
