/** `.env.example` and docs/CONFIGURATION.md, from the declarations of the settings. */

import type { Setting, SettingGroup, Variable, VariableGroup } from '../src/config/setting.ts';
import { settingGroups } from '../src/config/setting-groups.ts';
import { objectStoreVariables } from '../src/objects/object-store-variables.ts';

const widthMax = 100;

export interface Document {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/** The documents as they must be; `make docs` writes them. */
export function configurationDocuments(): readonly Document[] {
  return [
    { path: '.env.example', text: envExample() },
    { path: 'docs/CONFIGURATION.md', text: configurationPage() },
  ];
}

function envExample(): string {
  const opening = comment(
    'Copy to .env and change what you need: remove the # before a line. Each line shows the default, or an example where there is none. The environment goes before this file. `make docs` writes this file from src/config.',
  );
  const sections = settingGroups.flatMap(({ title, introduction, settings }) => [
    [...comment(`---- ${title} ----`), ...(introduction?.split('\n\n').flatMap(comment) ?? [])],
    ...Object.values(settings).map(exampleLines),
  ]);
  const variables = [
    comment(`---- ${objectStoreVariables.title} ----`),
    ...objectStoreVariables.variables.map(exampleLines),
  ];
  return `${[opening, ...sections, ...variables].map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function exampleLines(variable: Variable | Setting): string[] {
  const value = ('default' in variable ? variable.default : null) ?? variable.example ?? '';
  return [...comment(variable.description), `#${variable.name}=${value}`];
}

/** Wrapped, without the backticks of Markdown and with the address of a link left out. */
function comment(paragraph: string): string[] {
  const words = paragraph
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll('`', '')
    .split(/\s+/);
  const lines: string[] = [];
  let line = '#';
  for (const word of words) {
    if (line !== '#' && line.length + 1 + word.length > widthMax) {
      lines.push(line);
      line = '#';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}

function configurationPage(): string {
  return `${[
    '# Configuration',
    `For operators of a shop. Settings come from the environment, or from a file \`.env\` in the folder
where Nozama is started; the environment goes before the file. Every setting has a default. All
mistakes are told at once, before a database is opened. [.env.example](../.env.example) is the same
list as a file to copy. \`make docs\` writes both from the declarations in \`src/config\` and in the
engines.`,
    envFileRules,
    ...settingGroups.flatMap(settingSection),
    ...variableSection(objectStoreVariables),
  ].join('\n\n')}\n`;
}

const envFileRules = `## The file \`.env\`

\`\`\`sh
# A comment has a line of its own,
DATABASE_URL='sqlite:./data/my shop #2.db'   # or stands after a value and a space.
\`\`\`

- The file is in UTF-8, or in UTF-16 with its byte order mark. A line holds one \`NAME=value\`;
  \`export\` before the name is allowed.
- A value with \`#\`, \`$\`, a quote or a backslash stands in single quotes and is then taken as it is.
- Nozama refuses a line that other programs read in another way, a name that stands twice, and an
  unknown name that is nearly one of its own or begins with \`DATABASE_\` or \`NOZAMA_\`. Names of
  other programs (\`TZ\`, \`HTTPS_PROXY\`) have no effect there, and the log says so: what Nozama's
  process needs of them belongs into the environment.
- An empty value counts as not given. Only \`DATABASE_URL\` is never empty, because its default is
  another shop, and an empty \`LOG_FILE\` is none.
- [Decision 25](decisions/0025-a-configuration-is-read-or-refused.md) says which mistakes are found,
  and why.`;

function settingSection({ title, introduction, settings }: SettingGroup): string[] {
  const rows = Object.values(settings).map((setting) => [
    code(setting.name),
    setting.default === null ? '' : code(setting.default),
    setting.description,
    `${setting.expected[0]?.toUpperCase()}${setting.expected.slice(1)}`,
    setting.example === undefined ? '' : code(setting.example),
  ]);
  return [
    `## ${title}`,
    ...(introduction === undefined ? [] : [introduction]),
    table(['Name', 'Default', 'What it is', 'Value', 'Example'], rows),
  ];
}

function variableSection({ title, introduction, variables }: VariableGroup): string[] {
  const rows = variables.map(({ name, description, example }) => [
    code(name),
    description,
    example === undefined ? '' : code(example),
  ]);
  return [
    `## ${title}`,
    ...(introduction === undefined ? [] : [introduction]),
    table(['Name', 'What it is', 'Example'], rows),
  ];
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n')
    .replaceAll('|  |', '| |')
    .replaceAll('|  |', '| |');
}
