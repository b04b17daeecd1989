import { groupThousands } from '../../domain/money.ts';

/** Such as `5 seconds`. */
export function waitWords(seconds: number): string {
  if (seconds <= 1) return 'a second';
  if (seconds < 90) return `${seconds} seconds`;
  return `${groupThousands(Math.ceil(seconds / 60))} minutes`;
}
