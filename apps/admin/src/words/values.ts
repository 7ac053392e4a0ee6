import type { FieldValue, Side } from '../api/records.ts';

export const SIDE: Readonly<Record<Side, string>> = { mailbox: 'mailbox', crm: 'CRM' };
export const SIDE_TITLE: Readonly<Record<Side, string>> = { mailbox: 'Mailbox', crm: 'CRM' };

export const isBlank = (value: FieldValue | undefined): boolean =>
  value === null ||
  value === undefined ||
  value === '' ||
  (Array.isArray(value) && value.length === 0) ||
  (typeof value === 'object' && value !== null && Object.keys(value).length === 0);

const partText = (part: unknown): string => (typeof part === 'string' ? part : JSON.stringify(part));

const PERSON = ['address', 'email'] as const;

function personText(value: Readonly<Record<string, unknown>>): string | null {
  const key = PERSON.find((name) => typeof value[name] === 'string');
  if (key === undefined) return null;
  const name = typeof value.name === 'string' && value.name !== '' ? `${value.name} ` : '';
  return `${name}<${value[key]}>`;
}

/** A field's value on one line; empty for a blank. */
export function valueText(value: FieldValue): string {
  if (isBlank(value)) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return value.map((one) => valueText(one)).join('; ');
  const parts = value as Readonly<Record<string, unknown>>;
  const person = personText(parts);
  if (person !== null) return person;
  return Object.values(parts)
    .filter((part) => !isBlank(part as FieldValue))
    .map(partText)
    .join(', ');
}

/** `homeAddress` -> `Home address` */
export function fieldName(field: string): string {
  const words = field.replaceAll(/[-_]/g, ' ').replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2');
  const text = words.toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}
