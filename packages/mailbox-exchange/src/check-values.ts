import type { Address, FieldCatalogue, FieldSpec, Fields, FieldValue, Outcome } from '@tidelock/core';
import { toBirthday } from './dates.ts';

type Rejected = Extract<Outcome, { status: 'rejected' }>;
type Fault = 'invalid' | 'too-long';

const tooLong = (text: string, limit: number | undefined): boolean =>
  limit !== undefined && text.length > limit;

function checkText(value: FieldValue, spec: FieldSpec): Fault | undefined {
  if (typeof value !== 'string') return 'invalid';
  if (spec.type === 'date') return value === '' || toBirthday(value) !== undefined ? undefined : 'invalid';
  return tooLong(value, spec.maxLength) ? 'too-long' : undefined;
}

function checkSet(value: FieldValue, spec: FieldSpec): Fault | undefined {
  if (!Array.isArray(value)) return 'invalid';
  const items: readonly unknown[] = value;
  if (!items.every((item) => typeof item === 'string' && item !== '')) return 'invalid';
  return items.some((item) => tooLong(String(item), spec.maxLength)) ? 'too-long' : undefined;
}

function checkAddress(value: FieldValue, spec: FieldSpec): Fault | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return 'invalid';
  for (const [part, text] of Object.entries(value)) {
    if (text === undefined || text === '') continue;
    const limit = spec.parts?.[part as keyof Address];
    if (typeof text !== 'string' || limit === undefined) return 'invalid';
    if (tooLong(text, limit)) return 'too-long';
  }
  return undefined;
}

function checkValue(value: FieldValue, spec: FieldSpec): Fault | undefined {
  if (value === null) return undefined;
  if (spec.type === 'set') return checkSet(value, spec);
  return spec.type === 'address' ? checkAddress(value, spec) : checkText(value, spec);
}

const REASONS = { invalid: 'is not of its type', 'too-long': 'is longer than the store keeps' } as const;

/** Why the values cannot be sent, or undefined. Names the property, never the value. */
export function checkFields(fields: Fields, catalogue: FieldCatalogue): Rejected | undefined {
  for (const property of Object.keys(fields)) {
    const value = fields[property];
    if (value === undefined) continue;
    const spec = Object.hasOwn(catalogue, property) ? catalogue[property] : undefined;
    if (spec === undefined) {
      const message = `"${property}" is not in the catalogue`;
      return { status: 'rejected', code: 'unsupported', property, message };
    }
    const fault = checkValue(value, spec);
    if (fault !== undefined) {
      return { status: 'rejected', code: fault, property, message: `"${property}" ${REASONS[fault]}` };
    }
  }
  return undefined;
}
