/**
 * Writes the parts of the executable to dist/sbom.cdx.json, as CycloneDX 1.6: the packages of the lockfile, and the
 * libraries inside Bun. The same commit gives the same file; SBOM names another.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type RuntimePackage, runtimePackages } from './runtime-packages.ts';

const repository = join(import.meta.dirname, '..');
const file = resolve(process.env['SBOM'] || join(repository, 'dist/sbom.cdx.json'));
const run = (program: string, ...args: string[]) =>
  execFileSync(program, args, { cwd: repository, encoding: 'utf8' }).trim();

const commit = process.env['COMMIT'] || run('git', 'rev-parse', 'HEAD');
const date = process.env['COMMIT_DATE'] || run('git', 'log', '-1', '--format=%cI', commit);
const { version, description } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
const packages = runtimePackages();

const purl = (name: string, its: string) => `pkg:npm/${name.replace('@', '%40')}@${its}`;

function component({ name, version: its, license, integrity }: RuntimePackage) {
  return {
    type: 'library',
    'bom-ref': purl(name, its),
    name,
    version: its,
    purl: purl(name, its),
    scope: 'required',
    licenses: [{ expression: license }],
    hashes: [
      { alg: 'SHA-512', content: Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex') },
    ],
  };
}

/** npm knows Bun as one executable. A scanner looks for these libraries in it. */
function insideBun() {
  const bun = join(repository, 'node_modules/.bin/bun');
  const versions: Readonly<Record<string, string>> = JSON.parse(
    run(bun, '--no-env-file', '-p', 'JSON.stringify(process.versions)'),
  );
  return ['sqlite', 'webkit', 'boringssl', 'llhttp', 'zlib', 'zstd', 'mimalloc', 'icu', 'ares'].flatMap(
    (name) => {
      const its = versions[name];
      if (its === undefined) return [];
      const ref = `pkg:generic/${name}@${its}`;
      const inside = [{ name: 'nozama:inside', value: 'bun' }];
      return [{ type: 'library', 'bom-ref': ref, name, version: its, purl: ref, properties: inside }];
    },
  );
}

const digest = createHash('sha256').update(`nozama ${commit}`).digest('hex');
const ownRef = purl('nozama', version);
const carried = insideBun();
const refOf = (name: string) => {
  const found = packages.find((one) => one.name === name);
  return found === undefined ? [] : [purl(found.name, found.version)];
};
const direct = Object.keys(
  JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')).dependencies as Record<string, string>,
);
const list = {
  $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  // A UUID of version 8 made of the commit, where other programs take a random one.
  serialNumber: `urn:uuid:${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`,
  version: 1,
  metadata: {
    timestamp: new Date(date).toISOString(),
    component: {
      type: 'application',
      'bom-ref': ownRef,
      name: 'nozama',
      version,
      description,
      purl: ownRef,
      properties: [{ name: 'nozama:commit', value: commit }],
    },
  },
  components: [...packages.map(component), ...carried],
  dependencies: [
    { ref: ownRef, dependsOn: direct.flatMap(refOf) },
    ...packages.map(({ name, version: its, needs }) => ({
      ref: purl(name, its),
      dependsOn: [...needs.flatMap(refOf), ...(name === 'bun' ? carried.map((one) => one['bom-ref']) : [])],
    })),
  ],
};
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, `${JSON.stringify(list, null, 2)}\n`);
process.stdout.write(`${list.components.length} components of Nozama ${version} are listed in ${file}.\n`);
