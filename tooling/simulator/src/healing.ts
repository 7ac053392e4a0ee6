/** Cause of the healer's writes. */
export const HEALING = 'heal: twin';
