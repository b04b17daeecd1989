import { type SettingGroup, type Settings, trueOrFalse, wholeNumber } from './setting.ts';

export const orderSettings = {
  queueDepthMax: {
    name: 'QUEUE_DEPTH_MAX',
    ...wholeNumber('a count of orders', 1, 1_000_000),
    default: '10000',
    description:
      'Orders that may be accepted and not yet answered. One more is answered with 503 and Retry-After.',
  },
  commitBatchMax: {
    name: 'COMMIT_BATCH_MAX',
    ...wholeNumber('a count of orders', 1, 10_000),
    default: '256',
    description: 'Orders in one commit. 1 switches batching off.',
  },
  demoCatalog: {
    name: 'DEMO_CATALOG',
    ...trueOrFalse,
    default: 'true',
    description:
      'Whether a shop without products gets the demo catalogue at the start. With false it opens empty; nozama catalog import fills it.',
  },
  ordersNeedKey: {
    name: 'ORDERS_NEED_KEY',
    ...trueOrFalse,
    default: 'false',
    description:
      'Whether only callers with an API key that has `orders:write` may place orders, for a shop whose front is another program. The shop page then has no form and says that orders are taken elsewhere.',
  },
  /** Units of every demo product at seeding; null for those of the catalogue itself. */
  demoStock: {
    name: 'DEMO_STOCK',
    ...wholeNumber('units of every demo product', 0, 1_000_000_000),
    default: null,
    description:
      'Units of every demo product when the demo catalogue is loaded into an empty shop. Without it most products have plenty, a few are scarce and one is sold out.',
    example: '1000',
  },
} satisfies Settings;

export const orderGroup: SettingGroup = { title: 'Orders', settings: orderSettings };
