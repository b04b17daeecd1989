/** Writes the licences of all packages in the executable to docs/THIRD-PARTY-LICENCES.md; LICENCES names another file. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type RuntimePackage, runtimePackages } from './runtime-packages.ts';

const repository = join(import.meta.dirname, '..');
const file = resolve(process.env['LICENCES'] || join(repository, 'docs/THIRD-PARTY-LICENCES.md'));

/** The text in the package. */
function textOf({ folder }: RuntimePackage): string | null {
  const path = join(repository, folder);
  if (!existsSync(path)) throw new Error(`${folder} is not installed: run make install first.`);
  const name = readdirSync(path).find((one) => /^(licen[cs]e|copying)(\.|$)/i.test(one));
  return name === undefined ? null : readFileSync(join(path, name), 'utf8').replaceAll('\r\n', '\n').trim();
}

const packages = runtimePackages();
const byText = Map.groupBy(packages, (one) => textOf(one) ?? '');
const rows = packages.map(({ name, version, license }) => `| ${name} | ${version} | ${license} |`);
const texts = [...byText].map(([text, those]) => {
  const names = those.map(({ name }) => name).join(', ');
  return text === ''
    ? `## ${names}\n\nThe package holds no text of its licence, which it names as ${those[0]?.license ?? ''}.`
    : `## ${names}\n\n\`\`\`\n${text}\n\`\`\``;
});
writeFileSync(
  file,
  `# Licences of the packages in the executable

Written by \`make licences\` from the installed packages. Bun itself is under the MIT licence; it links JavaScriptCore and WebKit (LGPL 2.1)
statically, and other libraries, which [its own page](https://bun.com/docs/project/licensing) lists. SQLite is in the public domain.

| Package | Version | Licence |
|---|---|---|
${rows.join('\n')}

${texts.join('\n\n')}
`,
);
process.stdout.write(`Licences of ${packages.length} packages are written to ${file}.\n`);
