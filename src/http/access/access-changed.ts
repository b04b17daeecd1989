import type { Problem } from '../problem-details.ts';

/**
 * Of a handler whose batch has found that the caller's grant is not as it was. No client gets it: the key is read then,
 * and the request is refused or handled again (`serve-endpoint.ts`).
 */
export const accessChanged: Problem<'store_unavailable'> = { code: 'store_unavailable' };
