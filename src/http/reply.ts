/** The answer of a handler, as plain data; `app.ts` adds the headers that every answer has and makes the Response. */
export type Reply = ReplyHead & ReplyBody;

interface ReplyHead {
  readonly status: number;
  /** Besides those that come with the kind of body; names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Set-Cookie fields besides the one in the headers. */
  readonly cookies?: readonly string[];
}

type ReplyBody =
  | NoBody
  /** Sent as `application/json`. */
  | (Omit<NoBody, 'json'> & { readonly json: unknown })
  /** HTML, sent with the security headers of a page. */
  | (Omit<NoBody, 'page'> & { readonly page: string | Uint8Array })
  | (Omit<NoBody, 'mediaType' | 'body'> & { readonly mediaType: string; readonly body: string | Uint8Array });

export interface NoBody {
  readonly json?: never;
  readonly page?: never;
  readonly mediaType?: never;
  readonly body?: never;
}

/** Headers that any answer may have without declaring them. */
export type CommonHeader = 'cache-control' | 'content-encoding' | 'vary';

export const jsonType = 'application/json; charset=utf-8';
export const htmlType = 'text/html; charset=utf-8';
