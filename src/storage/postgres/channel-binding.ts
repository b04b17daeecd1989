/**
 * Channel binding (RFC 5929, tls-server-end-point): the password is proved for the certificate of this server alone, so
 * that no server in between can pass the proof on. The client uses it where the server offers it; libpq's `require`, which
 * providers print in their addresses, is ours: the client sends no password before this has seen the offer.
 */
import type pg from 'pg';
import { ConnectionFailedError } from '../server/connection-errors.ts';
import type { ChannelBinding } from './tls-options.ts';

export interface ChannelBindingGuard {
  /** Of the client's options. */
  readonly options: Pick<pg.ClientConfig, 'password'> & { readonly enableChannelBinding: boolean };
  /** Before the client connects. */
  watch(client: pg.Client): void;
  /** After it has connected: a server that wants no password has proved nothing. @throws ConnectionFailedError */
  assertBound(): void;
}

/** @param where for messages, such as `db.example:5432` */
export function createChannelBindingGuard(
  mode: ChannelBinding,
  password: string,
  where: string,
): ChannelBindingGuard {
  let isOffered = false;
  const assertBound = () => {
    if (mode !== 'require' || isOffered) return;
    throw new ConnectionFailedError(
      `PostgreSQL at ${where} offers no channel binding, which channel_binding=require asks for. Set scram-sha-256 as its password encryption, or leave the parameter out.`,
    );
  };
  return {
    options: {
      enableChannelBinding: mode !== 'disable',
      password: () => {
        assertBound();
        return password;
      },
    },
    watch: ({ connection }) => {
      connection.on('authenticationSASL', ({ mechanisms }: { mechanisms: readonly string[] }) => {
        isOffered = mechanisms.includes('SCRAM-SHA-256-PLUS');
      });
    },
    assertBound,
  };
}
