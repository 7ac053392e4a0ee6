/** Where a description keeps the link to its online meeting, and what stands around it. */
export interface BodyParts {
  /** What people wrote, without the document around it. */
  readonly text: string;
  /** Byte for byte; empty where there is none. */
  readonly block: string;
}

/** Runs of underscores that Teams draws above and below its block. */
const RULE = /_{20,}/g;
const JOIN =
  /https:\/\/(?:teams\.microsoft\.com\/(?:l\/meetup-join|meet)|teams\.live\.com\/meet|[\w.-]*\.?(?:gov\.)?teams\.microsoft\.us\/l\/meetup-join|[\w.-]*skype\.com\/|meet\.lync\.com\/)/i;
const LINE_TAG = /<(div|p|span|br|hr)\b[^>]*>\s*$/i;
const CLOSING = /^\s*<\/(?:div|p|span)\s*>/i;

/** What stands inside of `<body>`, or all of a fragment. */
export function innerOf(html: string): string {
  const open = /<body\b[^>]*>/i.exec(html);
  if (open === null) return html;
  const start = open.index + open[0].length;
  const end = html.toLowerCase().lastIndexOf('</body');
  return html.slice(start, end < start ? html.length : end);
}

/** Where the block may begin: at its rule, or before elements that open right before it; the widest first. */
function beginnings(html: string, at: number): readonly number[] {
  const starts = [at];
  for (let start = at; ; ) {
    const tag = LINE_TAG.exec(html.slice(0, start));
    if (tag === null) return starts.reverse();
    start = tag.index;
    starts.push(start);
  }
}

/** As many closing tags behind `at` as elements were opened. */
function growOn(html: string, at: number, opened: number): number {
  let end = at;
  for (let count = 0; count < opened; count += 1) {
    const tag = CLOSING.exec(html.slice(end));
    if (tag === null) return end;
    end += tag[0].length;
  }
  return end;
}

const openings = (html: string): number => (html.match(/<(?:div|p|span)\b/gi) ?? []).length;
const closings = (html: string): number => (html.match(/<\/(?:div|p|span)\s*>/gi) ?? []).length;

function findJoin(html: string, joinUrl: string | null): number {
  const escaped = joinUrl?.replaceAll('&', '&amp;');
  for (const url of [escaped, joinUrl]) {
    const at = url === undefined || url === null || url === '' ? -1 : html.indexOf(url);
    if (at >= 0) return at;
  }
  return JOIN.exec(html)?.index ?? -1;
}

/**
 * Where the block begins and ends: from the rule above the link to the rule below it, with the elements that hold the rules.
 * Undefined where link or rules are not found, or where the block is not whole elements: then nobody can tell it from what
 * people wrote.
 */
function findBlock(html: string, joinUrl: string | null): { start: number; end: number } | undefined {
  const at = findJoin(html, joinUrl);
  if (at < 0) return undefined;
  const rules = [...html.matchAll(RULE)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
  }));
  const above = rules.findLast((rule) => rule.end <= at);
  const below = rules.find((rule) => rule.start > at);
  if (above === undefined || below === undefined) return undefined;
  for (const start of beginnings(html, above.start)) {
    const open = openings(html.slice(start, below.end)) - closings(html.slice(start, below.end));
    const end = growOn(html, below.end, Math.max(0, open));
    const block = html.slice(start, end);
    if (openings(block) === closings(block)) return { start, end };
  }
  return undefined;
}

/** What is left when the block is taken out, and the block. `joinUrl`: of the event's online meeting, where it has one. */
export function splitBody(html: string, joinUrl: string | null): BodyParts {
  const inner = innerOf(html);
  const found = findBlock(inner, joinUrl);
  if (found === undefined) return { text: inner.trim(), block: '' };
  const { start, end } = found;
  return { text: `${inner.slice(0, start)}${inner.slice(end)}`.trim(), block: inner.slice(start, end) };
}

/** A description to write: what people wrote, and behind it the block as it was. */
export const joinBody = ({ text, block }: BodyParts): string => (block === '' ? text : `${text}\r\n${block}`);
