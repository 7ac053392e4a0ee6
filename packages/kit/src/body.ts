import type { FieldSpec, Fields, FieldValue, RejectCode } from '@tidelock/core';

/** Why a property cannot be sent. */
export interface Refusal {
  readonly code: RejectCode;
  readonly property: string;
}

/**
 * The request body for these fields: `put` adds one value, and answers false when it is not of the property's type. Ends with
 * the first refusal: a property that there is not (`unsupported`), that cannot be written (`read-only`), or that does not
 * fit (`invalid`).
 */
export function buildBody<B extends object>(
  fields: Fields,
  of: {
    readonly body: B;
    readonly specs: Readonly<Record<string, FieldSpec>>;
    readonly put: (body: B, property: string, at: { spec: FieldSpec; value: FieldValue }) => boolean;
  },
): { readonly body: B; readonly refusal: Refusal | null } {
  const { body, specs, put } = of;
  for (const property of Object.keys(fields)) {
    const value = fields[property] ?? null;
    const spec = Object.hasOwn(specs, property) ? specs[property] : undefined;
    if (!spec) return { body, refusal: { code: 'unsupported', property } };
    if (!spec.writable) return { body, refusal: { code: 'read-only', property } };
    if (!put(body, property, { spec, value })) return { body, refusal: { code: 'invalid', property } };
  }
  return { body, refusal: null };
}
