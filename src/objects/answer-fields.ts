/** What answers of stores say in their bodies and headers. */
import type { StoreAnswer } from './requests.ts';

/** The fields of an answer in JSON; none when it is something else. */
export function fieldsOf({ body }: Pick<StoreAnswer, 'body'>): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8')) ?? {};
  } catch {
    return {};
  }
}

/** The code that stores give an error, such as NoSuchBucket; Azure in a header, S3 in XML, Google and HDFS in JSON. */
export function errorCode({ body, headers }: StoreAnswer): string {
  const text = Buffer.from(body).toString('utf8');
  const inBody = /<Code>([\w.-]+)<\/Code>|"(?:reason|exception)"\s*:\s*"(\w+)"/.exec(text);
  return headers.get('x-ms-error-code') ?? inBody?.[1] ?? inBody?.[2] ?? '';
}
