/** Every endpoint, in the order of the reference. */
import { apiKeysEndpoints } from './access/api-keys-endpoints.ts';
import { auditEndpoints } from './access/audit-endpoints.ts';
import { importEndpoints } from './catalog/import-endpoints.ts';
import { productChangesEndpoints } from './catalog/product-changes-endpoints.ts';
import { productsEndpoints } from './catalog/products-endpoints.ts';
import { stockEndpoints } from './catalog/stock-endpoints.ts';
import type { Endpoint } from './endpoint.ts';
import { healthEndpoints } from './health-endpoints.ts';
import { customersEndpoints } from './orders/customers-endpoints.ts';
import { orderStepsEndpoints } from './orders/order-steps-endpoints.ts';
import { ordersEndpoints } from './orders/orders-endpoints.ts';
import { ordersListEndpoints } from './orders/orders-list-endpoints.ts';
import { originalContractEndpoints } from './orders/original-contract-endpoints.ts';
import { assetsEndpoints } from './pages/assets-endpoints.ts';
import { cancellationEndpoints } from './pages/cancellation-endpoints.ts';
import { pagesEndpoints } from './pages/pages-endpoints.ts';
import { trackingEndpoints } from './pages/tracking-endpoints.ts';
import { referenceEndpoints } from './reference-endpoints.ts';

export const endpoints: readonly Endpoint[] = [
  ...ordersEndpoints,
  ...ordersListEndpoints,
  ...orderStepsEndpoints,
  ...customersEndpoints,
  ...productsEndpoints,
  ...productChangesEndpoints,
  ...importEndpoints,
  ...stockEndpoints,
  ...apiKeysEndpoints,
  ...auditEndpoints,
  ...originalContractEndpoints,
  ...pagesEndpoints,
  ...cancellationEndpoints,
  ...trackingEndpoints,
  ...assetsEndpoints,
  ...referenceEndpoints,
  ...healthEndpoints,
];
