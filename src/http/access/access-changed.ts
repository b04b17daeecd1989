import type { Problem } from '../problem-details.ts';

/**
 * The handler's batch found that the key's rights have changed. No client gets this answer: the key is read, and the
 * request is refused or handled again (`serve-endpoint.ts`).
 */
export const accessChanged: Problem<'store_unavailable'> = { code: 'store_unavailable' };
