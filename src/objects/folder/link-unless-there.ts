/**
 * A second name for a file, unless that name is taken: link(2). On NFS the answer of the server may be lost. The link is
 * then made, and the system says EEXIST for our own link, or EIO (https://man7.org/linux/man-pages/man2/link.2.html, BUGS).
 * Which file has the name is therefore asked.
 */
import { link, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode } from '../../program/file-system.ts';
import { ObjectStoreError } from '../object-store-error.ts';

/** `unknown`: the file system does not tell whether the link was made. */
export type LinkOutcome = 'linked' | 'exists' | 'unknown';

const noLinks = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/** Errors that say that nothing was linked. */
const refusals = [
  ...['EACCES', 'EROFS', 'ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'EXDEV'],
  ...['ENOSPC', 'EDQUOT', 'ENOMEM'],
];

/**
 * @param makeLink as link(2)
 * @throws ObjectStoreError when the file system has no links, and the error of the system when nothing was linked
 */
export async function linkUnlessThere(
  file: string,
  path: string,
  makeLink: typeof link = link,
): Promise<LinkOutcome> {
  try {
    await makeLink(file, path);
    return 'linked';
  } catch (cause) {
    if (noLinks.some((code) => hasCode(cause, code))) {
      throw new ObjectStoreError(
        `The file system of ${dirname(path)} has no hard links (${(cause as Error).message}): two writers would overwrite each other. Use a folder on another file system.`,
        { cause },
      );
    }
    if (refusals.some((code) => hasCode(cause, code))) throw cause;
    return outcomeByFile(file, path);
  }
}

/** By the number of the file, which never changes; a count of its links may be remembered from before. */
async function outcomeByFile(file: string, path: string): Promise<LinkOutcome> {
  try {
    const [own, found] = await Promise.all([stat(file, { bigint: true }), stat(path, { bigint: true })]);
    return own.ino === found.ino && own.dev === found.dev ? 'linked' : 'exists';
  } catch {
    return 'unknown';
  }
}
