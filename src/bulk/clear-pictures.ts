/** Takes away pictures that no product names any more: when a service starts, and every hour. */
import type { OrderStore } from '../storage/order-store.ts';

export interface PictureClearingOptions {
  readonly store: Pick<OrderStore, 'clearImages'>;
  readonly nowMs: () => number;
  /** @param count of pictures, 1 or more */
  readonly onCleared: (count: number) => void;
  /** The next hour tries again. */
  readonly onFailed: (error: unknown) => void;
}

export interface PictureClearing {
  /** The first look, and each that has begun. */
  readonly done: () => Promise<void>;
  stop(): void;
}

const everyMs = 60 * 60 * 1000;

export function startPictureClearing(options: PictureClearingOptions): PictureClearing {
  const { store, nowMs, onCleared, onFailed } = options;
  let isStopped = false;
  let looking = Promise.resolve();

  /** Each part is a transaction of its own, so that orders come in between. */
  async function look(): Promise<void> {
    let count = 0;
    try {
      for (let isMore = true; isMore && !isStopped; ) {
        const part = await store.clearImages(nowMs());
        count += part.cleared;
        isMore = part.isMore;
      }
    } catch (error) {
      if (!isStopped) onFailed(error);
    }
    if (count > 0) onCleared(count);
  }

  const lookAgain = () => {
    looking = looking.then(look);
  };
  lookAgain();
  const timer = setInterval(lookAgain, everyMs);
  timer.unref();
  return {
    done: () => looking,
    stop() {
      isStopped = true;
      clearInterval(timer);
    },
  };
}
