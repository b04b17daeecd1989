/** A store of objects that is opened through a proxy. */
import { openObjectStore } from '../../src/objects/open-object-store.ts';
import type { StartedStore } from './object-store.contract.ts';
import { openStoreProxy, type StoreProxy } from './store-proxy.ts';

/** The refusal of a store that does not keep two writers apart. */
export const overwrites =
  /does not create an object only if it is absent: two writers would overwrite each other\. Use/;

export async function withProxy(
  server: Pick<StartedStore, 'address' | 'environment'>,
  run: (proxy: StoreProxy, open: () => ReturnType<typeof openObjectStore>) => Promise<void>,
) {
  const loopback = /127\.0\.0\.1:\d+/;
  await using proxy = await openStoreProxy(
    loopback.exec(JSON.stringify([server.address, server.environment]))?.[0] ?? '',
  );
  const through = (text: string) => text.replace(loopback, proxy.host);
  const environment = Object.fromEntries(
    Object.entries(server.environment).map(([key, value]) => [key, through(value)]),
  );
  await run(proxy, () => openObjectStore(through(server.address), 'LAKE_URL', { environment }));
}
