/**
 * The fields of the order form: the one list of them. The page's scripts read it from the form itself, the service
 * shows again what was typed into them.
 */

/** By the names of the original contract, how each is called, in the order in which they stand on the page. */
export const fieldLabels = {
  product_name: 'Product',
  quantity: 'Quantity',
  customer_name: 'Full name',
  street_address: 'Street address',
  address_line_2: 'Apt, suite',
  city: 'City',
  state: 'State',
  zip_code: 'ZIP code',
  email: 'Email',
} as const;

/** The name under which the page's form sends its product: products may share a name, and none shares a SKU. */
export const productControl = 'sku';

export type ShopField = keyof typeof fieldLabels;

export const shopFields = Object.keys(fieldLabels) as readonly ShopField[];

export function isShopField(name: string): name is ShopField {
  return Object.hasOwn(fieldLabels, name);
}

export function isOptional(name: ShopField): boolean {
  return name === 'address_line_2' || name === 'city' || name === 'email';
}
