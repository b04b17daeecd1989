/** The one executable, built here for this machine and run in an empty folder. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { arch, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { anOrder } from '../journeys/shop-client.ts';
import { runCli, runtimeCommand, runtimeUnderTest, startService } from '../service.ts';
import { leastCpuMs } from './start-cost.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'nozama-executable-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const ownPlatform = `${platform() === 'darwin' ? 'macos' : platform()}-${arch()}`;

function build(name: string, env: Readonly<Record<string, string>> = {}): string {
  const [bun = '', ...args] = runtimeCommand('bun');
  const dist = join(folder, name);
  execFileSync(bun, [...args, join(root, 'scripts/dist.ts')], {
    env: { PATH: process.env['PATH'], PLATFORMS: ownPlatform, DIST: dist, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return join(dist, 'nozama');
}

const commit = 'c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00';
const said = { COMMIT: commit, COMMIT_DATE: '2026-01-31T13:00:00+01:00' };

const startsMeasured = 5;

/**
 * A start against that of an executable that does nothing, both in time of a processor. It is 15 on a busy machine; a
 * start that loaded every module and made the API reference took 26 (decision 20).
 */
const startRatioMax = 23;

// It is Bun's whichever runtime the tests run on: once is enough.
describe('the one executable', { skip: runtimeUnderTest() === 'node' }, () => {
  const executable = build('one', said);
  const once = { executable, dir: mkdtempSync(join(folder, 'shop-')) };

  test('is the same whenever it is built, and holds nothing of the machine', () => {
    const bytes = readFileSync(executable);
    assert.ok(bytes.equals(readFileSync(build('two', said))));
    for (const path of [root.replace(/\/$/, ''), folder]) assert.equal(bytes.includes(path), false, path);
  });

  test('says which source it is of', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const { output } = await runCli(['--version'], once);
    assert.equal(output, `${version} (${commit}, 2026-01-31T12:00:00Z)\n`);
  });

  test('takes orders with nothing beside it, shows its pages, and keeps all through a kill', async () => {
    const service = await startService(once);
    const page = await (await service.get('/')).text();
    const assets = [...page.matchAll(/(?:href|src)="(\/(?:assets|images)\/[^"]+)"/g)].map(
      ([, path]) => path ?? '',
    );
    assert.ok(assets.length > 10);
    for (const path of assets) assert.equal((await service.get(path)).status, 200, path);
    const placed = await service.post('/api/v1/orders', anOrder());
    assert.equal(placed.status, 201);
    const order = (await placed.json()) as { readonly confirmation_url: string };
    assert.equal((await runCli(['health', '--url', service.url], once)).code, 0);
    service.kill('SIGKILL');
    await service.exited;
    const health = await runCli(['health', '--url', service.url], once);
    assert.equal(health.code, 1);
    assert.match(health.output, /^Not ready: .* did not answer: .*\n$/);

    await using again = await startService(once);
    assert.equal((await again.get(order.confirmation_url)).status, 200);
    const verified = await runCli(['verify'], once);
    assert.match(verified.output, /Everything agrees\./);
    assert.equal(verified.code, 0);
  });

  test('is open after little work', async () => {
    const source = join(folder, 'nothing.ts');
    const nothing = join(folder, 'nothing');
    writeFileSync(source, "process.stdout.write('done');");
    const [bun = '', ...args] = runtimeCommand('bun');
    execFileSync(bun, [...args, 'build', '--compile', source, '--outfile', nothing], { stdio: 'ignore' });
    const floor = await leastCpuMs(startsMeasured, [nothing], {
      cwd: () => folder,
      isOpen: async (output) => output === 'done',
    });
    const start = await leastCpuMs(startsMeasured, [executable, 'serve'], {
      cwd: () => mkdtempSync(join(folder, 'start-')),
      async isOpen(output) {
        const url = /"url":"(http:[^"]+)"/.exec(output)?.[1];
        return url !== undefined && (await fetch(`${url}/readyz`)).ok;
      },
    });
    const ratio = start / floor;
    assert.ok(
      ratio <= startRatioMax,
      `${start.toFixed(0)} ms of a processor, ${ratio.toFixed(1)} times ${floor.toFixed(0)}`,
    );
  });

  test('runs the five lines of README’s section on running a shop', async () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    const block = /## Run your shop\n\n```sh\n(.*?)```/s.exec(readme)?.[1] ?? '';
    const lines = block.trimEnd().split('\n');
    assert.equal(lines.length, 5);
    const [first, second, ...rest] = lines;
    // Built already, and the folder is this test's.
    assert.match(first ?? '', /^make dist && mkdir -p \S+ && cp dist\/nozama \S+ && cd \S+ +#/);
    assert.match(second ?? '', /^\.\/nozama serve & sleep 3 +#/);
    const dir = mkdtempSync(join(folder, 'deployed-'));
    copyFileSync(executable, join(dir, 'nozama'));
    await using service = await startService({ executable: join(dir, 'nozama'), dir });
    assert.equal((await service.post('/api/v1/orders', anOrder())).status, 201);
    const outputs = rest.map((line) => {
      const { status, stdout, stderr } = spawnSync('sh', ['-c', line], { cwd: dir, encoding: 'utf8' });
      assert.equal(status, 0, `${line}: ${stdout}${stderr}`);
      return stdout;
    });
    assert.match(outputs.at(-1) ?? '', /Everything agrees\./);
    assert.match(outputs.at(-1) ?? '', /\(1 examined\)/);
  });

  test('has help for every command, also where the output is no terminal', async () => {
    const { output } = await runCli(['--help'], once);
    const names = [...output.matchAll(/^ {2}([a-z]+) {2}/gm)].map(([, name]) => name ?? '');
    assert.ok(names.length >= 6);
    for (const name of names) {
      const help = await runCli([name, '--help'], once);
      assert.equal(help.code, 0, name);
      assert.match(help.output, new RegExp(`^Usage: nozama ${name}`, 'm'));
      assert.match(help.output, /^Exit codes: /m);
    }
  });
});

test('a platform that is none is refused', () => {
  const [bun = '', ...args] = runtimeCommand('bun');
  const { status, stderr } = spawnSync(bun, [...args, join(root, 'scripts/dist.ts')], {
    env: { PATH: process.env['PATH'], PLATFORMS: 'linux-x64 amiga', DIST: join(folder, 'none') },
    encoding: 'utf8',
  });
  assert.equal(status, 2);
  assert.match(stderr, /^PLATFORMS has amiga, and may have linux-x64, /);
});
