/** Salesforce's output form of a moment: milliseconds and an offset without colon. */
export function toWireDatetime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '+0000');
}

/** Whole seconds, the resolution of every stamp the service hands out. */
export function toWholeSecond(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

const DATETIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})$/;

/** ISO 8601 with `Z` or an offset (with or without colon) as epoch milliseconds; undefined for anything else. */
export function fromIsoDatetime(text: string): number | undefined {
  if (!DATETIME.test(text)) return undefined;
  const ms = Date.parse(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  return Number.isNaN(ms) ? undefined : ms;
}

/** A calendar day `YYYY-MM-DD` that exists; undefined for anything else. */
export function fromIsoDate(text: string): string | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text ? undefined : text;
}

export function toHttpDate(ms: number): string {
  return new Date(ms).toUTCString();
}

/** An HTTP date (`Tue, 04 Aug 2026 10:00:00 GMT`) as epoch milliseconds; undefined when it is none. */
export function fromHttpDate(text: string): number | undefined {
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}
