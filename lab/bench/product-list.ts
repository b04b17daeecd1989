/** A list of products as shops have them, and its import by the real command line. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './environment.ts';

/** Some 160 bytes a line. @param prefix of its SKUs */
export async function writeProductList(path: string, lines: number, prefix: string): Promise<void> {
  const file = createWriteStream(path);
  file.write('sku,name,description,category,price,stock\n');
  for (let nth = 0; nth < lines; nth += 1) {
    const number = String(nth).padStart(7, '0');
    const words = `"Good for many things, and number ${nth} of its kind. Wash at 40 degrees, iron from the left."`;
    const line = `${prefix}-${number},Thing ${number} of the shelf,${words},Shelf ${nth % 40},${nth % 500}.99,${nth % 30}\n`;
    if (!file.write(line)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
}

export interface MeasuredImport {
  readonly seconds: number;
  /** Of the resident memory. */
  readonly peakMib: number;
  /** Of the memory that is the process's own: without the program and other files that are mapped. */
  readonly ownPeakMib: number;
  /** The last line of its report. */
  readonly said: string;
}

/** @throws when the import fails */
export async function importProductList(
  list: string,
  folder: string,
  databaseUrl: string,
): Promise<MeasuredImport> {
  const startedMs = performance.now();
  const child = spawn(
    join(repository, 'scripts/run.sh'),
    [join(repository, 'src/cli/cli.ts'), 'catalog', 'import', list],
    {
      cwd: folder,
      env: { ...process.env, DATABASE_URL: databaseUrl, LOG_FILE: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors = (errors + chunk).slice(-1_000);
  });
  let peakKib = 0;
  let ownPeakKib = 0;
  const watching = setInterval(() => {
    const { most, own } = memoryOf(child.pid);
    peakKib = Math.max(peakKib, most);
    ownPeakKib = Math.max(ownPeakKib, own);
  }, 20);
  const [code] = await once(child, 'exit');
  clearInterval(watching);
  if (code !== 0) throw new Error(`the import ended with ${code}: ${errors}${said}`);
  return {
    seconds: (performance.now() - startedMs) / 1000,
    peakMib: peakKib / 1024,
    ownPeakMib: ownPeakKib / 1024,
    said: said.trim(),
  };
}

/** Resident memory at its highest so far, and what is the process's own now, in KiB; scripts/run.sh becomes the runtime itself. */
function memoryOf(pid: number | undefined): { readonly most: number; readonly own: number } {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kib = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
    return { most: kib('VmHWM'), own: kib('RssAnon') };
  } catch {
    return { most: 0, own: 0 };
  }
}
