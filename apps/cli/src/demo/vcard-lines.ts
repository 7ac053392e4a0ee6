/** One content line of a vCard. Text is still in its wire form: bytes as Latin-1, escapes not undone. */
export interface VcardLine {
  /** Upper case, without the group. */
  readonly name: string;
  /** Lower case: `type=` values and the bare parameters of version 2.1. */
  readonly types: readonly string[];
  /** Other parameters, names in upper case. */
  readonly params: Readonly<Record<string, string>>;
  readonly raw: string;
}

/** The lines between BEGIN and END; `reason` tells why the card cannot be used. */
export interface RawCard {
  /** 1 is the first line of the file. */
  readonly line: number;
  readonly lines: readonly string[];
  readonly reason: string | null;
}

const BASE64_HEAD = /^[^:]*;(ENCODING=)?(BASE64|B)(?=[;:])/i;
const PRINTABLE_HEAD = /^[^:]*;(ENCODING=)?QUOTED-PRINTABLE(?=[;:])/i;
const BEGIN = /^BEGIN:VCARD\s*$/i;
const STRAY = 'text outside of a card';
const END = /^END:VCARD\s*$/i;

/** Does `next` go on with the value that `line` has begun? */
function continues(line: string, next: string): boolean {
  if (/^[ \t]/.test(next)) return true;
  if (PRINTABLE_HEAD.test(line) && line.endsWith('=')) return true;
  return BASE64_HEAD.test(line) && /^[A-Za-z0-9+/=]+$/.test(next);
}

function join(line: string, next: string, version21: boolean): string {
  if (PRINTABLE_HEAD.test(line) && line.endsWith('=')) return line.slice(0, -1) + next;
  if (BASE64_HEAD.test(line)) return line;
  return line + (version21 ? next : next.slice(1));
}

/** Undoes the folding of 2.1 (the white space stays), of 3.0 and 4.0, and soft line breaks. */
function unfold(physical: readonly string[]): string[] {
  const version21 = physical.some((line) => /^VERSION:2\.1\s*$/i.test(line));
  const logical: string[] = [];
  for (const line of physical) {
    const last = logical.at(-1);
    if (last !== undefined && continues(last, line))
      logical[logical.length - 1] = join(last, line, version21);
    else if (line.trim() !== '') logical.push(line);
  }
  return logical;
}

interface OpenCard {
  readonly line: number;
  readonly lines: string[];
  /** Cards inside this one (AGENT of version 2.1) that have not ended yet; their lines are left out. */
  agents: number;
}

const startsAgent = (open: OpenCard | null): open is OpenCard =>
  open !== null && /^AGENT[^:]*:\s*$/i.test(open.lines.at(-1) ?? '');

/** Cuts a file into cards. Text between cards is refused with a reason, blank lines are not. */
export function cutCards(text: string): RawCard[] {
  const cards: RawCard[] = [];
  let open: OpenCard | null = null;
  const close = (reason: string | null): void => {
    if (open !== null) cards.push({ line: open.line, lines: unfold(open.lines), reason });
    open = null;
  };
  const inside = (card: OpenCard, line: string): void => {
    if (END.test(line)) {
      if (card.agents === 0) close(null);
      else card.agents--;
    } else if (card.agents === 0) card.lines.push(line);
  };
  text.split(/\r\n|\n|\r/).forEach((line, index) => {
    if (BEGIN.test(line)) {
      if (startsAgent(open)) open.agents++;
      else {
        close('END:VCARD is missing');
        open = { line: index + 1, lines: [], agents: 0 };
      }
    } else if (open !== null) inside(open, line);
    else if (line.trim() !== '') cards.push({ line: index + 1, lines: [], reason: STRAY });
  });
  close('END:VCARD is missing');
  return mergeStray(cards);
}

/** Several stray lines in a row are one finding. */
function mergeStray(cards: readonly RawCard[]): RawCard[] {
  const isStray = (card: RawCard | undefined): boolean => card?.reason === STRAY;
  return cards.filter((card, index) => !(isStray(card) && isStray(cards[index - 1])));
}

/** Index of the colon that ends name and parameters; -1 where there is none. Quoted parameters may hold colons. */
function headEnd(line: string): number {
  let quoted = false;
  for (let at = 0; at < line.length; at++) {
    if (line[at] === '"') quoted = !quoted;
    else if (line[at] === ':' && !quoted) return at;
  }
  return line.indexOf(':');
}

const splitOutsideQuotes = (text: string, by: string): string[] =>
  text.match(new RegExp(`(?:"[^"]*"|[^${by}"])+`, 'g')) ?? [];

/** Null for a line that is no property. */
export function parseLine(line: string): VcardLine | null {
  const end = headEnd(line);
  const [nameWithGroup = '', ...parameters] = splitOutsideQuotes(line.slice(0, Math.max(end, 0)), ';');
  const name = nameWithGroup.slice(nameWithGroup.lastIndexOf('.') + 1).toUpperCase();
  if (end < 0 || !/^[A-Z0-9-]+$/.test(name)) return null;
  const types: string[] = [];
  const params: Record<string, string> = {};
  for (const parameter of parameters) {
    const equals = parameter.indexOf('=');
    const key = equals < 0 ? 'TYPE' : parameter.slice(0, equals).trim().toUpperCase();
    const value = parameter.slice(equals + 1).replaceAll('"', '');
    if (key === 'TYPE') types.push(...value.split(',').map((type) => type.trim().toLowerCase()));
    else params[key] = value;
  }
  const encodings = types.filter((type) => type === 'quoted-printable' || type === 'base64');
  if (encodings[0] !== undefined) params.ENCODING ??= encodings[0];
  return { name, types, params, raw: line.slice(end + 1) };
}
