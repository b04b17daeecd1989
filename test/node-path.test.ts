/** Which Node `RUNTIME=node` takes: the one on PATH only when the service would start on it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { sqliteVersionMin } from '../src/storage/sqlite/connection.ts';
import { inFolder } from './journeys/open-shop.ts';

const script = join(import.meta.dirname, '../scripts/node-path.sh');
/** Any program that evaluates JavaScript by `-p`; its versions are pretended. */
const evaluator = process.execPath;

const justTooOld = sqliteVersionMin.replace(/\d+$/, (patch) => String(Number(patch) - 1));

describe('the Node that RUNTIME=node takes', () => {
  for (const [versions, taken] of [
    [{ node: '24.15.0', sqlite: sqliteVersionMin }, 'found'],
    [{ node: '26.0.0', sqlite: '4.0.0' }, 'found'],
    [{ node: '24.11.0', sqlite: justTooOld }, 'pinned'],
    [{ node: '24.11.0', sqlite: '3.50.4' }, 'pinned'],
    [{ node: '22.20.0', sqlite: sqliteVersionMin }, 'pinned'],
    [{ node: '20.0.0' }, 'pinned'],
    [{ node: '24.15.0', sqlite: sqliteVersionMin, bun: '1.4.5' }, 'pinned'],
  ] as const) {
    it(`is the ${taken} one when PATH has ${JSON.stringify(versions)}`, async () => {
      await inFolder(async (folder) => {
        mkdirSync(join(folder, 'scripts'));
        mkdirSync(join(folder, 'bin'));
        cpSync(script, join(folder, 'scripts/node-path.sh'));
        const found = join(folder, 'bin/node');
        writeProgram(found, pretending(versions));
        const pinned = join(folder, 'runtimes/node/node_modules/node-here/bin/node');
        writeProgram(
          join(folder, 'scripts/install.sh'),
          `mkdir -p "$(dirname '${pinned}')" && cp /bin/sh '${pinned}'`,
        );
        const { stdout, stderr } = spawnSync(join(folder, 'scripts/node-path.sh'), {
          encoding: 'utf8',
          env: { PATH: `${join(folder, 'bin')}:/usr/bin:/bin` },
        });
        assert.equal(stdout.trim(), taken === 'found' ? found : pinned, stderr);
      });
    });
  }
});

function writeProgram(path: string, text: string): void {
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
}

/** Stands in for a Node of these versions: `process.versions` is what the script asks for. */
function pretending(versions: Readonly<Record<string, string>>): string {
  const process = JSON.stringify({ versions });
  return `exec '${evaluator}' -p "((process) => $2)(${process.replaceAll('"', '\\"')})"`;
}
