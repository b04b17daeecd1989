import { z } from 'zod';
import { type SettingGroup, type Settings, trueOrFalse } from './setting.ts';

/** An `http:` or `https:` origin: scheme, host and port, nothing after it. */
function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text;
}

/** Links and headers hold the address unchanged, so it must be written as a parser would write it. */
export function isBaseUrl(text: string): boolean {
  if (!URL.canParse(text) || !/^https?:\/\/[^?#@]+$/.test(text)) return false;
  const { href } = new URL(text);
  return href === text || href === `${text}/`;
}

/** The path gets into routes, cookies and pages, and proxies in front must all read it alike. */
function pathMistake(url: string): string | null {
  if (!isBaseUrl(url) || /^(\/[A-Za-z0-9._~-]+)*\/?$/.test(new URL(url).pathname)) return null;
  return 'has a path with other characters than letters, digits and - . _ ~ between its slashes. Choose another path.';
}

export const publicAddressSettings = {
  /** Without a slash at its end; null when links are paths. */
  publicUrl: {
    name: 'PUBLIC_URL',
    schema: z
      .string()
      .refine((url) => isBaseUrl(url) && pathMistake(url) === null)
      .transform((url) => url.replace(/\/+$/, '')),
    expected: 'the address that customers use, such as https://shop.example',
    default: null,
    description:
      'The address that customers use; with a path when the shop is below one, whether or not the proxy in front takes it off ([more](OPERATIONS.md#below-a-path-of-a-host)). Links in answers are then absolute. With `https:` cookies are Secure and pages carry HSTS.',
    explain: pathMistake,
    example: 'https://shop.example',
  },
  /** Whether X-Forwarded-Proto, X-Forwarded-For and Forwarded come from a proxy of ours. */
  trustProxy: {
    name: 'TRUST_PROXY',
    ...trueOrFalse,
    default: 'false',
    description:
      'Whether a proxy of yours sets X-Forwarded-Proto or Forwarded, and adds the client’s address at the end of X-Forwarded-For. Only when clients can’t reach this service around the proxy.',
  },
  corsOrigins: {
    name: 'CORS_ORIGINS',
    schema: z
      .string()
      .transform((list) => list.split(',').flatMap((origin) => origin.trim() || []))
      .refine((origins) => origins.every(isOrigin)),
    expected: 'origins separated by commas, such as https://shop.example,https://app.example:8443',
    default: null,
    description: 'Origins whose pages may call the API, separated by commas.',
    example: 'https://app.example,http://localhost:3000',
  },
  /** Null for one that is made and kept beside the database. */
  orderKeySecret: {
    name: 'ORDER_KEY_SECRET',
    schema: z.string().regex(/^[\x21-\x7e]{32,}$/),
    expected: 'at least 32 visible ASCII characters, such as from `openssl rand -base64 32`',
    default: null,
    isSecret: true,
    isGuarded: true,
    description:
      'The secret of the links that show an order’s name and address: at least 32 visible ASCII characters, the same for all processes of one shop. Without it a secret is made and kept beside the database (mode 600), or in it on PostgreSQL.',
  },
} satisfies Settings;

export const publicAddressGroup: SettingGroup = {
  title: 'Addresses and links',
  settings: publicAddressSettings,
};
