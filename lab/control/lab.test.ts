/** The command line as a process: what it prints, what it writes, and its exit code. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runtimeCommand, runtimeUnderTest } from '../../test/service.ts';
import { repeatWhenDisturbed } from '../../test/tries.ts';
import { type ScriptedServer, startScriptedServer } from '../load/scripted-server.ts';

const program = join(import.meta.dirname, 'lab.ts');

describe('lab.ts', () => {
  let target: ScriptedServer;
  let folder = '';
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lab-results-'));
    // It has no products, and is asked for them too.
    target = await startScriptedServer(({ url }, serial) => ({
      status: url !== '/health_check' ? 404 : serial % 10 === 0 ? 500 : 200,
      body: 'ok',
      // Without it the generator would be what is at its end, and the run void.
      delayMs: 5,
    }));
  });
  after(async () => {
    await target[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  /** @param stopOn text of its output after which it gets a SIGINT, twice, as from npm */
  function lab(args: readonly string[], stopOn?: RegExp): Promise<{ code: number | null; output: string }> {
    const [runtime = '', ...flags] = runtimeCommand(runtimeUnderTest());
    const child = spawn(runtime, [...flags, program, ...args], {
      env: { PATH: process.env['PATH'] ?? '', LAB_RESULTS: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let isStopped = false;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        if (isStopped || stopOn?.test(output) !== true) return;
        isStopped = true;
        // The first moments of a generator are its busiest, and would be void alone.
        setTimeout(() => {
          child.kill('SIGINT');
          child.kill('SIGINT');
        }, 1_000);
      });
    }
    return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
  }
  /** A generator that stands still makes its figures void, which is the machine's doing. */
  async function notVoid(args: readonly string[], stopOn?: RegExp): Promise<{ readonly output: string }> {
    let output = '';
    await repeatWhenDisturbed(async (tell) => {
      const ended = await lab(args, stopOn);
      output = ended.output;
      tell(/^VOID /m.test(output) && 'the figures are void');
      assert.equal(ended.code, 0, output);
    });
    return { output };
  }
  const load = () => [
    'run',
    '--host',
    target.url,
    '--users',
    '3',
    '--spawn-per-second',
    '100',
    '--seconds',
    '1',
  ];

  it('ends with 0 when what was stated holds, and writes report, table and JSON', async () => {
    const { output } = await notVoid([...load(), '--failure-share-max', '0.5']);
    assert.match(output, /NOTHING {3}No order was placed/);
    assert.match(output, /GET \/health_check +[\d,]+ +[\d,]+/);
    const kinds = new Set(readdirSync(folder).map((name) => name.split('.').at(-1)));
    assert.deepEqual([...kinds].toSorted(), ['csv', 'html', 'json']);
  });

  it('ends with 1 when a stated limit is broken', async () => {
    const { code, output } = await lab([...load(), '--failure-share-max', '0.01']);
    assert.equal(code, 1, output);
    assert.match(output, /BROKEN {4}.* of the requests failed .*above 1 %/);
  });

  it('ends with 2 and one sentence when it is not used as it can be', async () => {
    const { code, output } = await lab(['run', '--scenario', 'helth']);
    assert.equal(code, 2);
    assert.match(output, /^scenario: There is no scenario "helth"; there are: .*health-check.*\n$/);
  });

  it('stops in good order, with its verdict, when it is interrupted', async () => {
    const endless = ['run', '--host', target.url, '--users', '3', '--spawn-per-second', '100'];
    const { output } = await notVoid([...endless, '--seconds', '600'], /requests\/s/);
    assert.match(output, /NOTHING {3}No order was placed/);
  });

  it('serves its page until it is interrupted', async () => {
    const { code, output } = await lab(['gui', '--host', target.url, '--port', '0'], /Ctrl-C ends it/);
    assert.equal(code, 0, output);
    assert.match(output, /The lab is open at http:\/\/localhost:\d+ \(it loads http:\/\/127/);
  });
});
