/** How the last backup went, as a file that Prometheus' node_exporter reads: for an alert when there is none. */
import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Manifest } from '../backup/manifest.ts';

export interface BackupOutcome {
  readonly beganMs: number;
  readonly endedMs: number;
  /** Null for a backup that failed. */
  readonly manifest: Manifest | null;
  /** Whether what `--keep` no longer keeps could be removed; null when it did not come to that. */
  readonly isRotated: boolean | null;
}

const lastSuccessMetric = 'nozama_backup_last_success_timestamp_seconds';
const rotationMetric = 'nozama_backup_rotation_failed';
const lastingMetrics = [lastSuccessMetric, 'nozama_backup_orders', 'nozama_backup_bytes', rotationMetric];

/**
 * After a failure, what is known of the last success stays, and after a backup that was not verified too: that
 * may be no shop at all. @param path null for no file
 */
export function writeTextfile(
  path: string | null,
  { beganMs, endedMs, manifest, isRotated }: BackupOutcome,
): void {
  if (path === null) return;
  const samples = new Map(lastingSamples(path));
  samples.set('nozama_backup_failed', manifest === null ? '1' : '0');
  samples.set('nozama_backup_last_attempt_timestamp_seconds', String(beganMs / 1_000));
  samples.set('nozama_backup_duration_seconds', String((endedMs - beganMs) / 1_000));
  if (isRotated !== null) samples.set(rotationMetric, isRotated ? '0' : '1');
  // The start of time, so that it is too old for an alert, which would not see what is not there.
  if (manifest?.isVerified === false && !samples.has(lastSuccessMetric)) samples.set(lastSuccessMetric, '0');
  if (manifest?.isVerified === true) {
    samples.set(lastSuccessMetric, String(Date.parse(manifest.takenAt) / 1_000));
    samples.set('nozama_backup_orders', String(manifest.orders));
    samples.set('nozama_backup_bytes', String(manifest.database.compressedBytes));
  }
  const text = [...samples].map(([name, value]) => `# TYPE ${name} gauge\n${name} ${value}\n`).join('');
  // Never read by half; and a disk that is full must not hide the failure that it is about to tell of.
  try {
    writeFileSync(`${path}.draft`, text);
    // Counts and times only, for another user's exporter to read whatever this one's umask is.
    chmodSync(`${path}.draft`, 0o644);
    renameSync(`${path}.draft`, path);
  } catch (error) {
    process.stderr.write(`${path} can't be written: ${String(error)}\n`);
  }
}

function lastingSamples(path: string): readonly (readonly [string, string])[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  return lastingMetrics.flatMap((name) => {
    const value = new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1];
    return value === undefined ? [] : [[name, value] as const];
  });
}
