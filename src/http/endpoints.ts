/** Every endpoint, in the order of the reference. */
import { apiKeysEndpoints } from './api-keys-endpoints.ts';
import { assetsEndpoints } from './assets-endpoints.ts';
import { auditEndpoints } from './audit-endpoints.ts';
import { cancellationEndpoints } from './cancellation-endpoints.ts';
import { customersEndpoints } from './customers-endpoints.ts';
import type { Endpoint } from './endpoint.ts';
import { healthEndpoints } from './health-endpoints.ts';
import { importEndpoints } from './import-endpoints.ts';
import { orderStepsEndpoints } from './order-steps-endpoints.ts';
import { ordersEndpoints } from './orders-endpoints.ts';
import { ordersListEndpoints } from './orders-list-endpoints.ts';
import { originalContractEndpoints } from './original-contract-endpoints.ts';
import { pagesEndpoints } from './pages-endpoints.ts';
import { productChangesEndpoints } from './product-changes-endpoints.ts';
import { productsEndpoints } from './products-endpoints.ts';
import { referenceEndpoints } from './reference-endpoints.ts';
import { stockEndpoints } from './stock-endpoints.ts';
import { trackingEndpoints } from './tracking-endpoints.ts';

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
