const GUID = /[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}/gi;
const URL_LIKE = /\bhttps?:\/\/[^\s"']+/gi;
const DOMAIN = /\b(?:[a-z0-9-]+\.)+[a-z]{2,}\b/gi;
/** Tokens, assertions and thumbprints. */
const LONG_SECRET = /[A-Za-z0-9_\-.+/=]{32,}/g;

/** A library's own words without tenant ids, addresses and anything that could be a credential. */
export function redact(text: string): string {
  return text
    .replace(URL_LIKE, '[url]')
    .replace(GUID, '[id]')
    .replace(LONG_SECRET, '[redacted]')
    .replace(DOMAIN, '[name]')
    .slice(0, 400);
}
