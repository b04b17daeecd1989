import { type SettingGroup, type Settings, wholeNumber } from './setting.ts';

const perMinuteMax = 10_000_000;

export const rateLimitSettings = {
  /** Null when there is no such limit. */
  rateLimitKeyPerMinute: {
    name: 'RATE_LIMIT_KEY_PER_MINUTE',
    ...wholeNumber('requests a minute', 1, perMinuteMax),
    default: null,
    description: 'Requests that one API key may make in a minute.',
    example: '6000',
  },
  rateLimitAddressPerMinute: {
    name: 'RATE_LIMIT_ADDRESS_PER_MINUTE',
    ...wholeNumber('requests a minute', 1, perMinuteMax),
    default: null,
    description:
      'Requests that one address may make in a minute without a key, and again as many with keys that are refused. Behind a proxy it needs TRUST_PROXY: else all clients have the proxy’s address.',
    example: '600',
  },
  rateLimitTrackingAddressPerHour: {
    name: 'RATE_LIMIT_TRACKING_ADDRESS_PER_HOUR',
    ...wholeNumber('requests an hour', 1, perMinuteMax),
    default: '10',
    description:
      'Orders that one address may look for in an hour at `/track`. Behind a proxy it needs TRUST_PROXY, too.',
  },
  rateLimitTrackingNumberPerHour: {
    name: 'RATE_LIMIT_TRACKING_NUMBER_PER_HOUR',
    ...wholeNumber('requests an hour', 1, perMinuteMax),
    default: '10',
    description:
      'How often the order of one number may be looked for in an hour at `/track`, by all addresses together: so nobody can try all ZIP codes.',
  },
  rateLimitTrackingNumberPerDay: {
    name: 'RATE_LIMIT_TRACKING_NUMBER_PER_DAY',
    ...wholeNumber('requests a day', 1, perMinuteMax),
    default: '20',
    description:
      'How often the order of one number may be looked for in a day at `/track`, by all addresses together. The limit of the hour alone lets somebody try all ZIP codes of a small state within a night.',
  },
} satisfies Settings;

export const rateLimitGroup: SettingGroup = {
  title: 'Rate limits',
  introduction:
    'The first two are off unless they are set; the three of `/track` are always on. A caller may use its minute, hour or day at once and gets it back evenly; one request more is answered with 429 and Retry-After. Each instance counts by itself, in memory: with three instances a caller may get three times as much. An IPv6 address counts for its /64. Health checks are not limited, nor are the style sheets, scripts and pictures of pages.',
  settings: rateLimitSettings,
};
