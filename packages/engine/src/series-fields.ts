import type { FieldType } from '@tidelock/core';

/** Names of the fields of a mapping that make a series together. */
export interface SeriesFields {
  readonly time: string;
  readonly recurrence: string;
  readonly occurrences: string;
}

/** Null where a mapping has not exactly one of each. */
export function seriesFieldsOf(
  fields: readonly { readonly name: string; readonly type: FieldType }[],
): SeriesFields | null {
  const only = (type: FieldType): string | null => {
    const [one, ...more] = fields.filter((field) => field.type === type);
    return one !== undefined && more.length === 0 ? one.name : null;
  };
  const [time, recurrence, occurrences] = [only('time'), only('recurrence'), only('occurrences')];
  return time === null || recurrence === null || occurrences === null
    ? null
    : { time, recurrence, occurrences };
}
