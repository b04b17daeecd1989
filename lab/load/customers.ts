/** Names and addresses that made-up customers are put together from, some of them not in ASCII. */

export const givenNames = [
  'James',
  'Mary',
  'José',
  'Linda',
  'Wei',
  'Aisha',
  'Zoë',
  'Robert',
  'Olga',
  'Priya',
  'Noah',
  'Ann',
];
export const familyNames = [
  'Smith',
  'O’Connor',
  'García',
  'Nguyen',
  'Washington',
  'Kim',
  'Müller',
  'Lee',
  'Brown',
  'Haddad',
];
export const streets = [
  'Main St',
  'Oak Avenue',
  'Martin Luther King Jr Blvd',
  'Elm St Apt 4B',
  'County Road 12',
  'Sunset Dr',
];
export const cities = [
  'Springfield',
  'Austin',
  'San José',
  'Salt Lake City',
  'Fairview',
  'New Haven',
  'Boise',
  'Mobile',
];

/** The customer of an order of the usual size; its lines are added. */
export const typicalOrder = {
  customer_name: 'Ada Lovelace',
  street_address: '12 Analytical Way',
  city: 'Austin',
  state: 'TX',
  zip_code: '78701',
} as const;
