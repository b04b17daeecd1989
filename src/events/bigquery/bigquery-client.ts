/**
 * The interface of BigQuery (https://cloud.google.com/bigquery/docs/reference/rest), as far as loads need it, without
 * Google's libraries. Every call may be repeated: those that make something name it.
 */
import { fieldsOf } from '../../objects/answer-fields.ts';
import { type KeptToken, sendWithToken } from '../../objects/bearer-token.ts';
import { emulatorRoot } from '../../objects/gcs/emulator-root.ts';
import { openGoogleAccess } from '../../objects/gcs/google-credentials.ts';
import { ObjectStoreError } from '../../objects/object-store-error.ts';
import {
  isTransient,
  request,
  requestOnce,
  type SignedRequest,
  type StoreAnswer,
} from '../../objects/requests.ts';
import { TableRefusedError } from '../tables/table-refused-error.ts';
import type { DatasetAddress } from './dataset-address.ts';

const scope = 'https://www.googleapis.com/auth/bigquery';

export interface BigQueryCall {
  /** GET unless told. */
  readonly method?: 'POST' | 'PATCH';
  /** Below the project, such as `datasets/shop`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
}

export interface BigQueryAnswer {
  readonly status: number;
  /** Empty when the answer is no JSON object. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Of an error, such as `quotaExceeded`; else empty. */
  readonly reason: string;
  /** Of an error, in BigQuery's own words; else empty. */
  readonly message: string;
}

export interface BigQueryClient {
  readonly address: DatasetAddress;
  /** Any answer but those that may be another a little later. @throws ObjectStoreError when there is none in time */
  call(asked: BigQueryCall): Promise<BigQueryAnswer>;
  /**
   * Starts a load job with the bytes of a file.
   * @returns null when it is not known whether the job was started
   * @throws ObjectStoreError when it was not started
   */
  upload(job: object, file: Uint8Array): Promise<BigQueryAnswer | null>;
}

/** @throws ObjectStoreError when the environment has wrong credentials, or an address that others can listen to */
export function openBigQuery(
  address: DatasetAddress,
  environment: Readonly<Record<string, string | undefined>>,
): BigQueryClient {
  const emulator = environment['BIGQUERY_EMULATOR_HOST'];
  const root = emulator
    ? emulatorRoot(emulator, 'BIGQUERY_EMULATOR_HOST')
    : 'https://bigquery.googleapis.com';
  // As Google's own libraries do: an emulator asks for no credentials, and gets none.
  return connectBigQuery(address, root, emulator ? null : openGoogleAccess(environment, scope));
}

/** @param root without a path, such as `https://bigquery.googleapis.com` */
export function connectBigQuery(
  address: DatasetAddress,
  root: string,
  access: KeptToken | null,
): BigQueryClient {
  const project = `/bigquery/v2/projects/${encodeURIComponent(address.projectId)}`;
  const jsonHeaders = { 'content-type': 'application/json; charset=utf-8' };

  const send = <Answer extends StoreAnswer | null>(
    unsigned: SignedRequest,
    by: (sign: () => Promise<SignedRequest>) => Promise<Answer>,
  ): Promise<Answer> => {
    const sign = async () => ({ ...unsigned, headers: { ...unsigned.headers, ...(await access?.()) } });
    return access === null ? by(sign) : sendWithToken(sign, by, access.forget);
  };
  const sendAgain = (unsigned: SignedRequest) => send(unsigned, (sign) => request('BigQuery', sign));

  return {
    address,
    async call({ method = 'GET', path, query = {}, body }) {
      const parameters = new URLSearchParams(query).toString();
      const url = `${root}${project}/${path}${parameters === '' ? '' : `?${parameters}`}`;
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      return settled(await sendAgain({ url, method, headers: jsonHeaders, ...sent }));
    },
    async upload(job, file) {
      const length = { 'x-upload-content-length': String(file.length) };
      const begun = await sendAgain({
        url: `${root}/upload${project}/jobs?uploadType=resumable`,
        method: 'POST',
        headers: { ...jsonHeaders, 'x-upload-content-type': fileType, ...length },
        body: JSON.stringify(job),
      });
      if (begun.status >= 300) return settled(begun);
      const url = begun.headers.get('location') ?? '';
      if (!URL.canParse(url) || new URL(url).origin !== root)
        throw new ObjectStoreError('BigQuery has named no address for the upload.');
      // The bytes of a session can't be sent again blindly. A new session for the same job's id can't load twice.
      const whole = `bytes 0-${file.length - 1}/${file.length}`;
      const headers = { 'content-type': fileType, 'content-range': whole };
      const sent = await send({ url, method: 'PUT', headers, body: file }, (sign) =>
        requestOnce('BigQuery', sign),
      );
      const isUnknown = sent === null || isTransient(sent) || [308, 404, 410].includes(sent.status);
      return isUnknown ? null : answerOf(sent);
    },
  };
}

const fileType = 'application/octet-stream';

/** @throws ObjectStoreError for an answer that may be another a little later, after all tries */
function settled(answer: StoreAnswer): BigQueryAnswer {
  const read = answerOf(answer);
  if (isTransient(answer) && !isOverQuota(read))
    throw new ObjectStoreError(`BigQuery answered ${read.status} ${read.reason}: ${read.message}`.trim());
  return read;
}

function answerOf(answer: StoreAnswer): BigQueryAnswer {
  const fields = fieldsOf(answer);
  const { errors, message } = (fields['error'] ?? {}) as {
    readonly errors?: readonly { readonly reason?: string }[];
    readonly message?: string;
  };
  const { status } = answer;
  return { status, fields, reason: String(errors?.[0]?.reason ?? ''), message: sentenceOf(message) };
}

/** BigQuery's own words, on one line and not longer than a log wants them. */
export function sentenceOf(message: unknown): string {
  return String(message ?? '')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 300);
}

/** Whether a limit of BigQuery's was reached, so that the same call may succeed later. */
export function isOverQuota({ reason }: { readonly reason: string }): boolean {
  return reason === 'rateLimitExceeded' || reason === 'quotaExceeded' || reason === 'jobRateLimitExceeded';
}

/** The sentence for a refused call, with the remedy. @param where such as `my-project.shop.orders` */
export function refusalOf({ status, reason, message }: BigQueryAnswer, where: string): TableRefusedError {
  const said = `${status}${reason === '' ? '' : ` ${reason}`}${message === '' ? '' : `: ${message}`}`;
  if (status === 401 || reason === 'accessDenied')
    return new TableRefusedError(
      `BigQuery refuses us at ${where} (${said}). Give the service account the roles BigQuery Data Editor and BigQuery Job User, or correct GOOGLE_APPLICATION_CREDENTIALS.`,
    );
  return new TableRefusedError(`BigQuery answered ${said} at ${where}. Look at BIGQUERY_DATASET.`);
}

/** @throws TableRefusedError for an answer that is no success */
export function must(answer: BigQueryAnswer, where: string): Readonly<Record<string, unknown>> {
  if (answer.status >= 300) throw refusalOf(answer, where);
  return answer.fields;
}
