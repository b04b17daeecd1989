/** The statuses of an order. Today an order is placed and stays so; every later status is added here. */
export type OrderStatus = 'placed';
