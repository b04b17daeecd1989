/** Calls that objects and files in HDFS share. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fieldsOf } from '../answer-fields.ts';
import { ObjectStoreError } from '../object-store-error.ts';
import { isTransient, retryAfterMs, type StoreAnswer, usualBounds } from '../requests.ts';
import type { StoreWords } from '../store-client.ts';
import { type HdfsCall, hdfsRefusal, type SentContent, type WebhdfsClient } from './webhdfs-client.ts';

/** @param permission such as `700`; that of the cluster unless told */
export async function makeFolder(
  { call, words }: WebhdfsClient,
  path: string,
  permission?: string,
): Promise<void> {
  const answer = await call({
    method: 'PUT',
    path,
    query: { op: 'MKDIRS', ...(permission === undefined ? {} : { permission }) },
  });
  if (answer.status !== 200 || fieldsOf(answer)['boolean'] !== true) throw hdfsRefusal(answer, words);
}

/** Replaces a file that is there. It appears before it is whole. @param permission as of {@link makeFolder} */
export async function writeFile(
  { transfer, words }: WebhdfsClient,
  path: string,
  content: SentContent,
  permission?: string,
): Promise<void> {
  const query = { op: 'CREATE', overwrite: 'true', ...(permission === undefined ? {} : { permission }) };
  const answer = await transfer({ method: 'PUT', path, query }, content, usualBounds.answerBytesMax);
  if (answer.status !== 201) throw hdfsRefusal(answer, words);
}

export interface FoundFile {
  /** Of the file, and of no other at any time. */
  readonly fileId: number;
  readonly length: number;
}

/** Null when there is no such file. */
export async function findFile({ call, words }: WebhdfsClient, path: string): Promise<FoundFile | null> {
  const answer = await call({ method: 'GET', path, query: { op: 'GETFILESTATUS' } });
  if (answer.status === 404) return null;
  if (answer.status !== 200) throw hdfsRefusal(answer, words);
  return fieldsOf(answer)['FileStatus'] as FoundFile;
}

export async function isThere(client: WebhdfsClient, path: string): Promise<boolean> {
  return (await findFile(client, path)) !== null;
}

export function renaming(from: string, destination: string, renameoptions: 'NONE' | 'OVERWRITE'): HdfsCall {
  return { method: 'PUT', path: from, query: { op: 'RENAME', destination, renameoptions } };
}

/**
 * Renames a file over another one. Without an answer, or with one of a gateway, the rename may have been done or may be on
 * its way still: the names of the files tell, also when a later try does not find the temporary one any more.
 */
export async function renameOver(client: WebhdfsClient, temporary: string, path: string): Promise<void> {
  const { callOnce, words } = client;
  for (let tries = 0; ; tries += 1) {
    const answer = await callOnce(renaming(temporary, path, 'OVERWRITE'));
    if (answer !== null && answer.status < 300) return assertRenamed(answer, words);
    const isMissing = answer?.status === 404;
    if (answer !== null && !isTransient(answer) && !(isMissing && tries > 0))
      throw hdfsRefusal(answer, words);
    if (!(await isThere(client, temporary)) && (await isThere(client, path))) return;
    const waitMs = retryAfterMs[tries];
    if (answer !== null && (isMissing || waitMs === undefined)) throw hdfsRefusal(answer, words);
    if (waitMs === undefined) {
      throw new ObjectStoreError(`${words.description} gave no answer when it was asked to rename a file.`);
    }
    await sleep(waitMs);
  }
}

/** Name nodes before Hadoop 2 ignore the option, and do not rename over a file that is there. */
function assertRenamed(answer: StoreAnswer, { description }: StoreWords): void {
  if (fieldsOf(answer)['boolean'] !== false) return;
  throw new ObjectStoreError(
    `${description} can't rename a file over another one: this version of WebHDFS can't be used.`,
  );
}

export function removing(path: string): HdfsCall {
  return { method: 'DELETE', path, query: { op: 'DELETE', recursive: 'false' } };
}

/** `{"boolean": false}` says that there was none. */
export async function removeFile({ call, words }: WebhdfsClient, path: string): Promise<void> {
  const answer = await call(removing(path));
  if (answer.status !== 200 && answer.status !== 404) throw hdfsRefusal(answer, words);
}

/** In one try, because the name node may be away, and its outcome is not asked for. */
export async function tryToRemove({ callOnce }: WebhdfsClient, path: string): Promise<void> {
  await callOnce(removing(path)).catch(() => undefined);
}
