/** When a feed was last enumerated to its end. */
export const scannedAt = `alter table feed add column scanned_at integer;`;
