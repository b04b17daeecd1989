/**
 * How long an import of a catalogue takes and how much memory it needs, by the real command line: for lists of 10,000,
 * 100,000 and 1,000,000 products, each into an empty shop and then once more, unchanged. The memory is flat when it does
 * not grow with the list, but for the 16 bytes that each SKU takes (src/bulk/seen-skus.ts).
 *
 *   make bench_import            SIZES=10000,1000000 for other lists; DATABASE_URL=postgres://… for an empty database
 *
 * Linux only: the peak of the memory comes from /proc.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const sizes = (process.env['SIZES'] ?? '10000,100000,1000000').split(',').map(Number);

/** Some 200 bytes a line, as lists of real shops have. */
async function writeList(path: string, lines: number): Promise<void> {
  const file = createWriteStream(path);
  file.write('sku,name,description,category,price,stock\n');
  for (let nth = 0; nth < lines; nth += 1) {
    const number = String(nth).padStart(7, '0');
    const words = `"Good for many things, and number ${nth} of its kind. Wash at 40 degrees, iron from the left."`;
    const line = `item-${number},Thing ${number} of the shelf,${words},Shelf ${nth % 40},${nth % 500}.99,${nth % 30}\n`;
    if (!file.write(line)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
}

interface Measured {
  readonly seconds: number;
  readonly peakMib: number;
  readonly said: string;
}

async function runImport(list: string, folder: string, databaseUrl: string): Promise<Measured> {
  const startedMs = performance.now();
  const child = spawn(
    join(root, 'scripts/run.sh'),
    [join(root, 'src/cli/cli.ts'), 'catalog', 'import', list],
    {
      cwd: folder,
      env: { ...process.env, DATABASE_URL: databaseUrl, LOG_FILE: '' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  let peakKib = 0;
  const watching = setInterval(() => {
    peakKib = Math.max(peakKib, peakOf(child.pid));
  }, 100);
  const [code] = await once(child, 'exit');
  clearInterval(watching);
  if (code !== 0) throw new Error(`the import ended with ${code}: ${said}`);
  return { seconds: (performance.now() - startedMs) / 1000, peakMib: peakKib / 1024, said: said.trim() };
}

/** Highest resident memory so far, in KiB; scripts/run.sh becomes the runtime itself. */
function peakOf(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

for (const lines of sizes) {
  const folder = mkdtempSync(join(tmpdir(), 'nozama-import-'));
  try {
    const list = join(folder, 'list.csv');
    await writeList(list, lines);
    const databaseUrl = process.env['DATABASE_URL'] ?? `sqlite:${join(folder, 'shop.db')}`;
    for (const which of ['new', 'again']) {
      const { seconds, peakMib, said } = await runImport(list, folder, databaseUrl);
      const rate = Math.round(lines / seconds);
      process.stdout.write(
        `${lines} products, ${which}: ${seconds.toFixed(1)} s, ${rate}/s, peak ${Math.round(peakMib)} MiB. ${said}\n`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
