/** The outcome of the last backup, as a file that Prometheus' node_exporter reads for the alerts on backups. */
import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Manifest } from '../backup/manifest.ts';

export interface BackupOutcome {
  readonly beganMs: number;
  readonly endedMs: number;
  /** Null when the backup failed. */
  readonly manifest: Manifest | null;
  /** Whether all backups that `--keep` does not keep were removed; null when the backup failed before. */
  readonly isRotated: boolean | null;
}

const lastSuccessMetric = 'nozama_backup_last_success_timestamp_seconds';
const rotationMetric = 'nozama_backup_rotation_failed';
const lastingMetrics = [lastSuccessMetric, 'nozama_backup_orders', 'nozama_backup_bytes', rotationMetric];

/**
 * The samples of the last success stay after a failure. They stay after a backup that was not verified too, because
 * its copy may be damaged.
 * @param path null for no file
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
  // 1970, so that the alert on old backups fires: it would not fire on a missing sample.
  if (manifest?.isVerified === false && !samples.has(lastSuccessMetric)) samples.set(lastSuccessMetric, '0');
  if (manifest?.isVerified === true) {
    samples.set(lastSuccessMetric, String(Date.parse(manifest.takenAt) / 1_000));
    samples.set('nozama_backup_orders', String(manifest.orders));
    samples.set('nozama_backup_bytes', String(manifest.database.compressedBytes));
  }
  const text = [...samples].map(([name, value]) => `# TYPE ${name} gauge\n${name} ${value}\n`).join('');
  // The rename keeps readers from half a file. A full disk must not hide the failure of the backup.
  try {
    writeFileSync(`${path}.draft`, text);
    // It holds only counts and times. The exporter is another user, whatever this user's umask is.
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
