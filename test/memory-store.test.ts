import { emptyMemory } from '../src/storage/memory/memory-contents.ts';
import { createMemoryStore } from '../src/storage/memory/memory-store.ts';
import type { OpenedStore } from './order-store/opened-store.ts';
import { describeOrderStore } from './order-store.contract.ts';

describeOrderStore('the memory engine', async (): Promise<OpenedStore> => {
  const contents = emptyMemory();
  const store = createMemoryStore({ contents });
  let current = store;
  return {
    store,
    async reopen() {
      await current.close();
      current = createMemoryStore({ contents });
      return current;
    },
    dispose: () => current.close(),
  };
});
