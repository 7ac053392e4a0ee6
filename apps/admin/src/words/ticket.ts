const TICKET = /^#([A-Za-z0-9_-]{43})$/;

/** What stands behind `#` in a link that works once, or null. */
export const ticketOf = (hash: string): string | null => TICKET.exec(hash)?.[1] ?? null;
