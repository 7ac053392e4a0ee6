/**
 * PostgreSQL holds neither U+0000 nor lone surrogates, and one such character in one contact must not refuse the
 * commit of a whole batch. Both are stored as U+001A and four hex digits of the code unit; so is U+001A itself.
 */
const MARK = '\u001a';

const isPlain = (text: string): boolean =>
  text.isWellFormed() && !text.includes('\u0000') && !text.includes(MARK);

const toHex = (char: string): string => char.charCodeAt(0).toString(16).padStart(4, '0');

function encodeChar(char: string): string {
  return char === '\u0000' || char === MARK || !char.isWellFormed() ? MARK + toHex(char) : char;
}

export function encodeText(text: string): string {
  return isPlain(text) ? text : Array.from(text, encodeChar).join('');
}

export function decodeText(stored: string): string {
  if (!stored.includes(MARK)) return stored;
  const [first = '', ...rest] = stored.split(MARK);
  return (
    first +
    rest.map((part) => String.fromCharCode(Number.parseInt(part.slice(0, 4), 16)) + part.slice(4)).join('')
  );
}

/** An escape as a whole, so that an escaped backslash before a "u" is not taken for one. */
const ESCAPED = /\\(?:u(0000|001a|d[89a-f][0-9a-f]{2})|.)/g;
const STORED = /\\(?:u001a([0-9a-f]{4})|.)/g;

/** JSON text for a `jsonb` parameter. */
export function toJson(value: unknown): string {
  const json = JSON.stringify(value);
  if (!json.includes('\\u')) return json;
  return json.replace(ESCAPED, (found, hex: string | undefined) =>
    hex === undefined ? found : `\\u001a${hex}`,
  );
}

/** What `jsonb` shows, as it was given. */
export function fromJson(stored: string): unknown {
  if (!stored.includes('\\u001a')) return JSON.parse(stored);
  return JSON.parse(
    stored.replace(STORED, (found, hex: string | undefined) => (hex === undefined ? found : `\\u${hex}`)),
  );
}
