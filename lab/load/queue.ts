export interface Queue<T> {
  put(item: T): void;
  take(): T | undefined;
  size(): number;
  all(): readonly T[];
}

/** First in, first out, in constant time; an array's own shift moves everything. */
export function createQueue<T>(): Queue<T> {
  let items: T[] = [];
  let head = 0;
  return {
    put(item) {
      items.push(item);
    },
    take() {
      if (head === items.length) return undefined;
      const item = items[head];
      head += 1;
      if (head === items.length) {
        items = [];
        head = 0;
      } else if (head >= 1_024 && head * 2 >= items.length) {
        items = items.slice(head);
        head = 0;
      }
      return item;
    },
    size: () => items.length - head,
    all: () => items.slice(head),
  };
}
