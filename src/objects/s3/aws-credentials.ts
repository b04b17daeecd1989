/** Credentials of an S3-compatible store, read from the same variables and files as by AWS's own programs. */
import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ObjectStoreError } from '../object-store-error.ts';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * From the environment, else from the file of profiles. Programs that get credentials for some hours write them to that
 * file: it is read again when it has changed.
 * @returns gives the credentials of a request
 * @throws ObjectStoreError when neither has credentials
 */
export function openAwsCredentials(environment: Variables): () => AwsCredentials {
  const given = credentialsIn({
    aws_access_key_id: environment['AWS_ACCESS_KEY_ID'],
    aws_secret_access_key: environment['AWS_SECRET_ACCESS_KEY'],
    aws_session_token: environment['AWS_SESSION_TOKEN'],
  });
  if (given !== null) return () => given;
  const path = environment['AWS_SHARED_CREDENTIALS_FILE'] || join(homedir(), '.aws', 'credentials');
  const profile = environment['AWS_PROFILE'] || 'default';
  let version = versionOf(path);
  const first = credentialsIn(readProfile(path, profile));
  if (first === null) {
    throw new ObjectStoreError(
      `No credentials for the bucket: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or put them into ${path} as [${profile}].`,
    );
  }
  let kept = first;
  return () => {
    const found = versionOf(path);
    if (found !== version) {
      version = found;
      // A file that is being written may have none yet.
      kept = credentialsIn(readProfile(path, profile)) ?? kept;
    }
    return kept;
  };
}

/** Changes when the file is written, or another one gets its name. */
function versionOf(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? '' : `${found.ino} ${found.mtimeNs} ${found.size}`;
}

function credentialsIn(values: Variables): AwsCredentials | null {
  const accessKeyId = values['aws_access_key_id'];
  const secretAccessKey = values['aws_secret_access_key'];
  const sessionToken = values['aws_session_token'];
  if (!accessKeyId || !secretAccessKey) return null;
  for (const [name, value] of Object.entries(values)) {
    // A header can't hold others, and the error of the runtime would show the value.
    if (value !== undefined && !/^[\x21-\x7e]*$/.test(value)) {
      throw new ObjectStoreError(
        `${name.toUpperCase()} has a space, a line break or another character that no key has: copy it anew.`,
      );
    }
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}

function readProfile(path: string, profile: string): Variables {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return {};
  }
  const values: Record<string, string> = {};
  let section = '';
  for (const line of text.split(/\r?\n/)) {
    const header = /^\s*\[(.+)\]\s*$/.exec(line)?.[1];
    if (header !== undefined) section = header.trim();
    const [, name, value] = /^\s*([a-z_]+)\s*=\s*(\S+)\s*$/.exec(line) ?? [];
    if (section === profile && name !== undefined && value !== undefined) values[name] = value;
  }
  return values;
}
