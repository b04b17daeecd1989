/** The parts of the service that the endpoints use; `start-service.ts` puts them together. */
import type { Authenticate, RecallCaller } from '../access/authenticate.ts';
import type { CommitBatcher } from '../intake/commit-batcher.ts';
import type { FindReplayed } from '../intake/find-replayed.ts';
import type { PlaceOrder } from '../intake/place-order.ts';
import type { StoreWatch } from '../intake/store-watch.ts';
import type { TakeStep } from '../intake/take-step.ts';
import type { Log } from '../observability/logging.ts';
import type { LoopLag } from '../observability/loop-lag.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Tracing } from '../observability/tracing.ts';
import type { LoopTurns } from '../runtime/loop-turns.ts';
import type { AccessStore } from '../storage/access-store.ts';
import type { OrderStore } from '../storage/order-store.ts';
import type { ApiReference } from './api-reference.ts';
import type { OrderKeys } from './orders/order-key.ts';
import type { RecentOrders } from './orders/recent-order.ts';
import type { FirstViews } from './pages/first-view.ts';
import type { RequestLimits } from './request/request-limits.ts';

/** The reads of the store that the HTTP interface makes, and the changes of the catalogue; orders get into it through {@link PlaceOrder} alone. */
export type StoreReads = Pick<
  OrderStore,
  | 'engine'
  | 'durability'
  | 'findOrder'
  | 'findOrderWithEvents'
  | 'findHistoryByNumber'
  | 'listOrders'
  | 'findConfirmation'
  | 'topProducts'
  | 'findProduct'
  | 'findProductsBySku'
  | 'findProductByName'
  | 'listProducts'
  | 'listActiveProducts'
  | 'findProducts'
  | 'listCategories'
  | 'changeCatalog'
  | 'listStockMovements'
  | 'saveImages'
  | 'findImage'
>;

export interface HttpDependencies extends AppDependencies {
  readonly firstViews: FirstViews;
  readonly reference: ApiReference;
}

export interface AppDependencies {
  /** Rejects with StoreUnavailableError when a read fails; see `guardReads`. */
  readonly store: StoreReads;
  /** Rejects with StoreUnavailableError, as does {@link authenticate}. */
  readonly access: AccessStore;
  readonly authenticate: Authenticate;
  readonly recallCaller: RecallCaller;
  readonly nowMs: () => number;
  /** Whether placing an order needs an API key with `orders:write`. */
  readonly ordersNeedKey: boolean;
  readonly limits: RequestLimits;
  readonly placeOrder: PlaceOrder;
  readonly takeStep: TakeStep;
  readonly findReplayed: FindReplayed;
  readonly batcher: Pick<CommitBatcher, 'queueDepth' | 'queueDepthMax' | 'longestCommitMs' | 'commitCount'>;
  readonly storeWatch: Pick<StoreWatch, 'isWritable'>;
  readonly isDraining: () => boolean;
  readonly turns: LoopTurns;
  readonly loopLag: Pick<LoopLag, 'lagMs' | 'look'>;
  readonly orderKeys: OrderKeys;
  readonly recentOrders: RecentOrders;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Null without a collector. */
  readonly tracing: Tracing | null;
  readonly version: string;
  /** Of the source, 40 hexadecimal digits; null when it is run from its source. */
  readonly commit: string | null;
  /** Such as `https://shop.example`; null when links are paths. */
  readonly publicUrl: string | null;
  /** Of `publicUrl`, see `src/web/base-path.ts`. */
  readonly basePath: string;
  readonly trustProxy: boolean;
  readonly corsOrigins: readonly string[];
  readonly bodyBytesMax: number;
}
