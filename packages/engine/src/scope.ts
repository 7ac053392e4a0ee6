import type { Fields, FieldValue, ScopeRule, Side, StoreRecord } from '@tidelock/core';
import { isEventValue } from './event-canon.ts';
import type { CompiledMapping, MappedField } from './lens.ts';

/** Which records take part in a lane. Leaving it freezes a pair and never deletes. */
export interface LaneScope {
  /** Whose rules these are, as explanations call it: `profile "sales"`. */
  readonly name: string;
  readonly rules: Readonly<Record<Side, readonly ScopeRule[]>>;
}

export interface ScopePolicy {
  readonly owners: readonly string[] | null;
  readonly scope: LaneScope | null;
}

const fold = (text: string): string => text.normalize('NFC').replace(/\s+/gu, ' ').trim().toLowerCase();

/** Its texts: the members of a set, the parts of an address. */
function textsOf(value: FieldValue): readonly string[] {
  if (value === null) return [];
  if (isEventValue(value)) return value.kind === 'people' ? value.attendees.map(({ email }) => email) : [];
  const texts = typeof value === 'string' ? [value] : Array.isArray(value) ? value : Object.values(value);
  return texts.filter((text): text is string => typeof text === 'string' && text.trim() !== '');
}

interface Shown {
  readonly texts: readonly string[];
  readonly field: MappedField | undefined;
}

function shownOf(
  mapping: CompiledMapping,
  of: { rule: ScopeRule; side: Side; fields: Fields },
): Shown | null {
  const field = mapping.byName.get(of.rule.field);
  const native = of.fields[field === undefined ? of.rule.field : field.property[of.side]];
  return native === undefined ? null : { texts: textsOf(native), field };
}

function holds({ texts, field }: Shown, wanted: string): boolean {
  const folded = fold(wanted);
  const same = (text: string): boolean => field?.equal(field.clean(text), field.clean(wanted)) ?? false;
  return texts.some((text) => fold(text) === folded || same(text));
}

function meets(shown: Shown, rule: ScopeRule): boolean {
  const { equals, not, blank } = rule;
  if (blank !== undefined && (shown.texts.length === 0) !== blank) return false;
  if (equals !== undefined && !holds(shown, equals)) return false;
  if (rule.in !== undefined && !rule.in.some((wanted) => holds(shown, wanted))) return false;
  return not === undefined || !not.some((wanted) => holds(shown, wanted));
}

/** `"leadSource" is one of Web, Phone` */
export function sayScopeRule(rule: ScopeRule): string {
  const tests = [
    rule.equals === undefined ? [] : [`is ${rule.equals}`],
    rule.in === undefined ? [] : [`is ${rule.in.length > 1 ? 'one of ' : ''}${rule.in.join(', ')}`],
    rule.not === undefined ? [] : [`is not ${rule.not.join(' or ')}`],
    rule.blank === undefined ? [] : [rule.blank ? 'is blank' : 'is not blank'],
  ].flat();
  return `"${rule.field}" ${tests.join(' and ')}`;
}

/**
 * Why a record takes no part, in words that name the rule and whose it is; null when it does. A property that the record
 * does not report proves nothing.
 */
export function outsideOf(
  of: { readonly policy: ScopePolicy; readonly mapping: CompiledMapping },
  side: Side,
  record: Pick<StoreRecord, 'owner' | 'fields'>,
): string | null {
  const { owners, scope } = of.policy;
  const name = scope?.name ?? 'the configuration';
  if (side === 'b' && owners !== null && record.owner !== undefined && !owners.includes(record.owner))
    return `${name} takes only records of ${owners.length === 1 ? 'its owner' : 'certain owners'}`;
  const broken = scope?.rules[side].find((rule) => {
    const shown = shownOf(of.mapping, { rule, side, fields: record.fields });
    return shown !== null && !meets(shown, rule);
  });
  return broken === undefined ? null : `${name} takes only records where ${sayScopeRule(broken)}`;
}

/** Does this side have rules at all? */
export const isScoped = ({ owners, scope }: ScopePolicy, side: Side): boolean =>
  (side === 'b' && owners !== null) || (scope?.rules[side].length ?? 0) > 0;
