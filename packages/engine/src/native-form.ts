import { type FieldSpec, type FieldType, type FieldValue, inZone, isAllDay, type Side } from '@tidelock/core';
import { isEventValue } from './event-canon.ts';
import { blocksOfHtml, htmlOfText, textOfHtml } from './html.ts';
import { commonLines } from './text-merge.ts';

/** How a field's canonical value stands in one store: where a store has another form for it than the lane. */
export interface NativeForm {
  /** The canonical value of what the store shows. */
  read(side: Side, native: FieldValue): FieldValue;
  /** What is written so that the store, which shows `current` now, shows this canonical value. */
  write(side: Side, of: { readonly value: FieldValue; readonly current: FieldValue }): FieldValue;
}

/**
 * HTML that reads as this text, made of what is there: lines that stay keep their formatting, the others are plain. Texts
 * too long to be compared are replaced as a whole.
 */
export function weaveText(html: string, text: string): string {
  const blocks = blocksOfHtml(html);
  const wanted = text.split('\n').filter((line) => line.trim() !== '');
  const shown = blocks.map((block) => block.text);
  if (shown.some((line) => line.includes('\n')) || blocks.length > 600 || wanted.length > 600)
    return htmlOfText(text);
  const kept = new Map(
    commonLines(
      wanted.map((line) => line.trim()),
      shown,
    ).map(([at, block]) => [at, block]),
  );
  return wanted.map((line, at) => blocks[kept.get(at) ?? -1]?.html ?? htmlOfText(line)).join('');
}

const isPlain = (spec: FieldSpec): boolean => spec.type !== 'html';

/** A body that is HTML on one side and plain text on the other is HTML between them; only its text is compared. */
function bodyForm(spec: Readonly<Record<Side, FieldSpec>>): NativeForm {
  return {
    read: (side, native) => (isPlain(spec[side]) && typeof native === 'string' ? htmlOfText(native) : native),
    write(side, { value, current }) {
      if (typeof value !== 'string') return value;
      if (isPlain(spec[side])) return textOfHtml(value);
      return typeof current === 'string' ? weaveText(current, textOfHtml(value)) : value;
    },
  };
}

/** Instants that come from a store without zones are put into the zone that the event has where it goes. */
function timeForm(spec: Readonly<Record<Side, FieldSpec>>): NativeForm {
  return {
    read: (_, native) => native,
    write(side, { value, current }) {
      const from = side === 'a' ? 'b' : 'a';
      if (spec[from].instantsOnly !== true || !isEventValue(value) || value.kind !== 'time') return value;
      const zone =
        isEventValue(current) && current.kind === 'time' && !isAllDay(current) ? current.zone : null;
      return zone === null ? value : inZone(value, zone);
    },
  };
}

/** The forms that the two stores have for a field of this type; null where both show it as the lane does. */
export function nativeFormOf(type: FieldType, spec: Readonly<Record<Side, FieldSpec>>): NativeForm | null {
  if (type === 'html' && isPlain(spec.a) !== isPlain(spec.b)) return bodyForm(spec);
  if (type === 'time' && (spec.a.instantsOnly === true || spec.b.instantsOnly === true))
    return timeForm(spec);
  return null;
}
