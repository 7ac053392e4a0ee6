import ICAL from 'ical.js';

/** What is wrong with a file, and on which of its lines. */
export class IcsProblem extends Error {
  override readonly name = 'IcsProblem';
  readonly line: number;
  readonly reason: string;

  constructor(line: number, reason: string) {
    super(`line ${line}: ${reason}`);
    this.line = line;
    this.reason = reason;
  }
}

/** One property as jCal has it: `values` are texts, numbers or records, by `type`. */
export interface IcsProperty {
  readonly line: number;
  /** Lower case. */
  readonly name: string;
  /** Names in lower case. */
  readonly params: Readonly<Record<string, string | readonly string[]>>;
  readonly type: string;
  readonly values: readonly unknown[];
}

export interface IcsComponent {
  /** Upper case. */
  readonly name: string;
  readonly line: number;
  readonly properties: IcsProperty[];
  readonly parts: IcsComponent[];
}

interface Line {
  readonly number: number;
  readonly text: string;
}

/** Folded lines (RFC 5545 3.1) joined, with the number of the first. */
function unfold(text: string): readonly Line[] {
  const lines: { number: number; text: string }[] = [];
  for (const [index, raw] of text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\r|\n/)
    .entries()) {
    const last = lines.at(-1);
    if (/^[ \t]/.test(raw) && last !== undefined) last.text += raw.slice(1);
    else if (raw.trim() !== '') lines.push({ number: index + 1, text: raw });
  }
  return lines;
}

type JCal = readonly [name: string, params: IcsProperty['params'], type: string, ...values: unknown[]];

const NAME = /^[A-Za-z0-9-]+$/;

function readProperty({ number, text }: Line): IcsProperty {
  const name = /^[^;:]*/.exec(text)?.[0] ?? '';
  if (!/[;:]/.test(text) || !NAME.test(name))
    throw new IcsProblem(
      number,
      `"${text.slice(0, 40)}" is no property: a name, a colon and a value are expected`,
    );
  try {
    const [key, params, type, ...values] = ICAL.parse.property(text, ICAL.design.icalendar) as JCal;
    const strange = Object.keys(params).find((param) => !NAME.test(param));
    if (strange !== undefined) throw new Error(`the parameter "${strange}" has no valid name`);
    return { line: number, name: key.toLowerCase(), params, type, values };
  } catch (error) {
    throw new IcsProblem(number, `${name}: ${error instanceof Error ? error.message : 'cannot be read'}`);
  }
}

const newComponent = (name: string, line: number): IcsComponent => ({
  name,
  line,
  properties: [],
  parts: [],
});

interface Reading {
  readonly found: IcsComponent[];
  /** Components that have begun and not ended, the innermost last. */
  readonly open: IcsComponent[];
}

function begin({ found, open }: Reading, name: string, { number }: Line): void {
  const component = newComponent(name, number);
  (open.at(-1)?.parts ?? found).push(component);
  open.push(component);
}

function end({ open }: Reading, name: string, { number }: Line): void {
  const current = open.pop();
  if (current?.name === name) return;
  const other = current === undefined ? 'nothing' : `${current.name}, which began on line ${current.line}`;
  throw new IcsProblem(number, `END:${name} closes ${other}`);
}

function addProperty({ found, open }: Reading, line: Line): void {
  const current = open.at(-1);
  if (current !== undefined) current.properties.push(readProperty(line));
  // Some programs sign their files after the end.
  else if (found.length === 0) throw new IcsProblem(line.number, 'a calendar begins with BEGIN:VCALENDAR');
}

/** The components of a file: calendars, as a rule one. Throws IcsProblem. */
export function readComponents(text: string): readonly IcsComponent[] {
  const reading: Reading = { found: [], open: [] };
  for (const line of unfold(text)) {
    const bracket = /^(BEGIN|END)\s*:(.*)$/i.exec(line.text);
    const name = (bracket?.[2] ?? '').trim().toUpperCase();
    if (bracket === null) addProperty(reading, line);
    else if (!NAME.test(name)) throw new IcsProblem(line.number, `${bracket[1]} names no component`);
    else if (bracket[1]?.toUpperCase() === 'BEGIN') begin(reading, name, line);
    else end(reading, name, line);
  }
  const [unclosed] = reading.open;
  if (unclosed !== undefined) throw new IcsProblem(unclosed.line, `BEGIN:${unclosed.name} is never closed`);
  return reading.found;
}

export const propertiesOf = ({ properties }: IcsComponent, name: string): readonly IcsProperty[] =>
  properties.filter((property) => property.name === name);

export const propertyOf = (component: IcsComponent, name: string): IcsProperty | undefined =>
  component.properties.find((property) => property.name === name);

/** The property's text; empty without one. */
export function textOf(component: IcsComponent, name: string): string {
  const value = propertyOf(component, name)?.values[0];
  return typeof value === 'string' ? value : '';
}

export const paramOf = ({ params }: IcsProperty, name: string): string | undefined => {
  const value = params[name];
  return typeof value === 'string' ? value : value?.[0];
};
