import { normalizeCustomerText } from './customer-text.ts';

/**
 * Where an order can be shipped to, by two-letter USPS code (Publication 28, appendix B): the 50 states, the
 * District of Columbia, the five inhabited territories, the three freely associated states, and the armed forces.
 * The mail of the United States delivers to all of them.
 */
const names = {
  AL: 'Alabama',
  AK: 'Alaska',
  AZ: 'Arizona',
  AR: 'Arkansas',
  CA: 'California',
  CO: 'Colorado',
  CT: 'Connecticut',
  DE: 'Delaware',
  DC: 'District of Columbia',
  FL: 'Florida',
  GA: 'Georgia',
  HI: 'Hawaii',
  ID: 'Idaho',
  IL: 'Illinois',
  IN: 'Indiana',
  IA: 'Iowa',
  KS: 'Kansas',
  KY: 'Kentucky',
  LA: 'Louisiana',
  ME: 'Maine',
  MD: 'Maryland',
  MA: 'Massachusetts',
  MI: 'Michigan',
  MN: 'Minnesota',
  MS: 'Mississippi',
  MO: 'Missouri',
  MT: 'Montana',
  NE: 'Nebraska',
  NV: 'Nevada',
  NH: 'New Hampshire',
  NJ: 'New Jersey',
  NM: 'New Mexico',
  NY: 'New York',
  NC: 'North Carolina',
  ND: 'North Dakota',
  OH: 'Ohio',
  OK: 'Oklahoma',
  OR: 'Oregon',
  PA: 'Pennsylvania',
  RI: 'Rhode Island',
  SC: 'South Carolina',
  SD: 'South Dakota',
  TN: 'Tennessee',
  TX: 'Texas',
  UT: 'Utah',
  VT: 'Vermont',
  VA: 'Virginia',
  WA: 'Washington',
  WV: 'West Virginia',
  WI: 'Wisconsin',
  WY: 'Wyoming',
  AS: 'American Samoa',
  GU: 'Guam',
  MP: 'Northern Mariana Islands',
  PR: 'Puerto Rico',
  VI: 'U.S. Virgin Islands',
  FM: 'Micronesia',
  MH: 'Marshall Islands',
  PW: 'Palau',
  AA: 'Armed Forces Americas',
  AE: 'Armed Forces Europe',
  AP: 'Armed Forces Pacific',
} as const;

export type UsState = keyof typeof names;

/** Every code: states by name first, then territories, freely associated states and armed forces. */
export const usStates = Object.keys(names) as readonly UsState[];

export function isUsState(code: string): code is UsState {
  return Object.hasOwn(names, code);
}

/** The longest text that {@link normalizeUsState} looks at, in UTF-16 units. */
const typedLengthMax = 32;

/** ` tx` → `TX`. A text that is no code in any spelling may come back as it is: ask {@link isUsState}. */
export function normalizeUsState(typed: string): string {
  if (isUsState(typed) || typed.length > typedLengthMax) return typed;
  return normalizeCustomerText(typed).toUpperCase();
}

/** `TX` → `Texas`. */
export function usStateName(state: UsState): string {
  return names[state];
}
