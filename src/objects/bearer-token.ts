/** Tokens that a service gives for a while (RFC 6750), such as those of an identity in a cloud. */

export interface BearerToken {
  readonly text: string;
  readonly endsAtMs: number;
}

/** A token is renewed this long before it ends. */
const renewMs = 300_000;

/** Gives the headers of a request; a token is fetched when there is none, or it ends soon. */
export function keptToken(
  fetchToken: () => Promise<BearerToken>,
): () => Promise<Readonly<Record<string, string>>> {
  let token: BearerToken | null = null;
  return async () => {
    if (token === null || Date.now() > token.endsAtMs - renewMs) token = await fetchToken();
    return { authorization: `Bearer ${token.text}` };
  };
}
