/** What an order can be. Today an order is placed and stays so; every later status is added here. */
export type OrderStatus = 'placed';
