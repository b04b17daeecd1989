/** Names of backups: they sort by time, two never collide, and no other file has such a name. */
import { randomBytes } from 'node:crypto';

/** `nozama-20261125T105501.123Z-3f9a2c`, in UTC. */
const pattern = /^nozama-(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})\.(\d{3})Z-[0-9a-f]{6}$/;

export function newBackupName(nowMs: number): string {
  const time = new Date(nowMs).toISOString().replaceAll(/[-:]/g, '');
  return `nozama-${time}-${randomBytes(3).toString('hex')}`;
}

/** When the backup began, in milliseconds since the Unix epoch; null for any other name. */
export function backupTimeMs(name: string): number | null {
  const [, year, month, day, hours, minutes, seconds, milliseconds] = pattern.exec(name) ?? [];
  if (year === undefined) return null;
  const timeMs = Date.parse(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}.${milliseconds}Z`);
  return Number.isNaN(timeMs) ? null : timeMs;
}

export function isBackupName(name: string): boolean {
  return backupTimeMs(name) !== null;
}
