/** Stands between a skipped test's name and the reason, as in TAP, where a report has no other place for the reason. */
export const skipMark = ' # SKIP ';
