/**
 * Tokens that a service gives for a while (RFC 6750), such as those of an identity in a cloud. A token is kept until it is
 * about to end by the clock of this machine. The clock may be wrong, and a token may be revoked: a store that refuses a
 * token has the last word.
 */
import { errorCode } from './answer-fields.ts';
import { ObjectStoreError } from './object-store-error.ts';
import type { SignedRequest, StoreAnswer } from './requests.ts';

type RequestHeaders = Readonly<Record<string, string>>;

export interface BearerToken {
  readonly text: string;
  readonly endsAtMs: number;
}

export interface KeptToken {
  /** The headers of a request. @throws ObjectStoreError when there is no token to be had */
  (): Promise<RequestHeaders>;
  /**
   * Forgets the token of a request that was refused; a later token is kept.
   * @param headers of that request
   * @returns whether it had a token
   */
  forget(headers: RequestHeaders): boolean;
}

/** A token is renewed this long before it ends. */
const renewMs = 300_000;

/** A token is used this long when its service does not say when it ends. */
const unknownLifeMs = 60_000;

/** Characters of a token (RFC 6750, section 2.1). */
const tokenPattern = /^[A-Za-z0-9\-._~+/]+=*$/;

/**
 * @param service begins the sentence for an answer without a token
 * @param endsAtMs NaN when the service does not say when the token ends
 * @throws ObjectStoreError when the text can't be a token
 */
export function bearerToken(service: string, text: unknown, endsAtMs: number): BearerToken {
  if (typeof text !== 'string' || !tokenPattern.test(text)) {
    throw new ObjectStoreError(
      `${service} answers without an access_token: does another program answer at its address?`,
    );
  }
  return { text, endsAtMs: Number.isNaN(endsAtMs) ? Date.now() + renewMs + unknownLifeMs : endsAtMs };
}

/** @param fetchToken is called when there is no token, or it ends soon; once for all who wait for it */
export function keptToken(fetchToken: () => Promise<BearerToken>): KeptToken {
  let kept: BearerToken | null = null;
  let fetching: Promise<BearerToken> | null = null;
  const fetchOnce = () => {
    fetching ??= fetchToken().finally(() => {
      fetching = null;
    });
    return fetching;
  };

  async function read(): Promise<RequestHeaders> {
    if (kept === null || Date.now() > kept.endsAtMs - renewMs) {
      try {
        kept = await fetchOnce();
      } catch (error) {
        // It lasts some minutes yet, in which the service may come back.
        if (kept === null || Date.now() >= kept.endsAtMs) throw error;
      }
    }
    return headersOf(kept);
  }

  return Object.assign(read, {
    forget({ authorization }: RequestHeaders) {
      if (kept !== null && headersOf(kept).authorization === authorization) kept = null;
      return authorization !== undefined;
    },
  });
}

function headersOf({ text }: BearerToken) {
  return { authorization: `Bearer ${text}` };
}

/**
 * Sends a request, and once more with a new token when its token was refused: such a request has done nothing.
 * @param send sends what `sign` gives, for each of its own tries
 */
export async function sendWithToken<Answer extends StoreAnswer | null>(
  sign: () => Promise<SignedRequest>,
  send: (sign: () => Promise<SignedRequest>) => Promise<Answer>,
  forget: KeptToken['forget'],
): Promise<Answer> {
  let headers: RequestHeaders = {};
  const answer = await send(async () => {
    const signed = await sign();
    headers = signed.headers;
    return signed;
  });
  if (answer === null || !isUnauthenticated(answer) || !forget(headers)) return answer;
  return send(sign);
}

/** Azure has 403 for some tokens that have ended, with a code that it does not have for a missing right. */
function isUnauthenticated(answer: StoreAnswer): boolean {
  return answer.status === 401 || (answer.status === 403 && errorCode(answer) === 'AuthenticationFailed');
}
