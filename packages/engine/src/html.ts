/** What stands in a body for its reader, and nothing else: a stream of words and of the marks that a reader notices. */

const DROPPED = /<!--[\s\S]*?-->|<(head|style|script|title)\b[\s\S]*?<\/\1\s*>|<!doctype[^>]*>/gi;
const TAG = /<(\/?)([a-z][a-z0-9]*)\b([^>]*)>/gi;
/** Marks that a reader notices. What is not named here is a wrapper. */
const MARKS: Readonly<Record<string, string>> = {
  ...{ b: 'b', strong: 'b', i: 'i', em: 'i', u: 'u', s: 's', strike: 's', a: 'a', img: 'img' },
  ...{
    ul: 'ul',
    ol: 'ol',
    li: 'li',
    table: 'table',
    tr: 'tr',
    td: 'td',
    th: 'td',
    blockquote: 'q',
    hr: 'hr',
  },
  ...{ h1: 'h', h2: 'h', h3: 'h', h4: 'h', h5: 'h', h6: 'h', pre: 'pre' },
};
/** Tags after which a reader sees a new line. */
const BLOCKS = new Set([
  ...['p', 'div', 'br', 'li', 'ul', 'ol', 'tr', 'table', 'blockquote', 'hr', 'pre'],
  ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'],
]);
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};

function decodeEntity(whole: string): string {
  const name = whole.slice(1, -1).toLowerCase();
  if (!name.startsWith('#')) return ENTITIES[name] ?? whole;
  const code = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
}

const decode = (text: string): string =>
  text.replace(/&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,6});/gi, decodeEntity);

const encode = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Where a mark leads: the one attribute of it that a reader notices. */
function target(attributes: string): string {
  const match = /\b(?:href|src)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/i.exec(attributes);
  return decode(match?.[1] ?? match?.[2] ?? match?.[3] ?? '');
}

/** Words and new lines; with `marks`, also the marks among them, between code points that are no characters. */
function streamOf(html: string, marks: boolean): string {
  const source = html.replace(DROPPED, '');
  let out = '';
  let at = 0;
  for (const match of source.matchAll(TAG)) {
    out += decode(source.slice(at, match.index).replace(/\s+/g, ' '));
    at = match.index + match[0].length;
    const name = (match[2] ?? '').toLowerCase();
    if (BLOCKS.has(name)) out += '\n';
    const mark = MARKS[name];
    if (marks && mark !== undefined)
      out += `\ufdd0${match[1]}${mark}${match[1] === '' ? ` ${target(match[3] ?? '')}` : ''}\ufdd1`;
  }
  out += decode(source.slice(at).replace(/\s+/g, ' '));
  return out;
}

const lines = (stream: string): string =>
  stream
    .normalize('NFC')
    .replaceAll('\u00a0', ' ')
    .split('\n')
    .map((line) => line.replace(/ +/g, ' ').trim())
    .filter((line) => line !== '')
    .join('\n');

/** The text that a reader sees, one line a block, without empty lines. */
export const textOfHtml = (html: string): string => lines(streamOf(html, false));

/** Comparison key: equal where a reader sees the same text with the same marks, whatever wraps it. */
export const htmlKey = (html: string): string =>
  lines(streamOf(html, true))
    .replace(/\ufdd0([a-z]+) \ufdd1\s*\ufdd0\/\1\ufdd1/g, '')
    .replace(/\n+/g, '\n')
    .trim();

/** A text as HTML: one block a line. */
export const htmlOfText = (text: string): string =>
  text
    .replace(/\r\n?/g, '\n')
    .split('\n')
    .map((line) => (line.trim() === '' ? '<div><br></div>' : `<div>${encode(line)}</div>`))
    .join('');

/** The pieces of a fragment, each with the line that a reader sees of it; pieces without one belong to the next. */
export function blocksOfHtml(html: string): readonly { readonly html: string; readonly text: string }[] {
  const source = html.replace(DROPPED, '');
  const pieces: { html: string; text: string }[] = [];
  let start = 0;
  const cut = (end: number): void => {
    const piece = source.slice(start, end);
    const text = textOfHtml(piece);
    const last = pieces.at(-1);
    if (text !== '' || last === undefined) pieces.push({ html: piece, text });
    else last.html += piece;
    start = end;
  };
  for (const match of source.matchAll(TAG)) {
    const name = (match[2] ?? '').toLowerCase();
    const ends = match[1] === '/' || name === 'br' || name === 'hr';
    if (ends && BLOCKS.has(name)) cut(match.index + match[0].length);
  }
  if (start < source.length) cut(source.length);
  return pieces;
}
