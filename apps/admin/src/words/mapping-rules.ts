import type { FieldRule, MappingCheck } from '../api/profiles.ts';

const FIELD = /^[a-z][A-Za-z0-9-]{0,63}$/;

/** A row that nobody filled in yet, with a name that no other row has. */
export function freshRule(rules: readonly FieldRule[]): FieldRule {
  const names = new Set(rules.map(({ field }) => field));
  let number = rules.length + 1;
  while (names.has(`field-${number}`)) number += 1;
  return {
    ...{ field: `field-${number}`, mailbox: '', crm: '' },
    ...{ direction: 'both', conflict: 'newer', merge: 'value', blank: 'propagate' },
  };
}

function problemOf(rule: FieldRule, seen: ReadonlySet<string>): string | null {
  if (!FIELD.test(rule.field)) return 'The name is camelCase or kebab-case and starts with a small letter.';
  if (seen.has(rule.field)) return `“${rule.field}” is mapped twice. Give one another name, or remove it.`;
  if (rule.mailbox === '') return 'Choose the property of the mailbox.';
  if (rule.crm === '') return 'Choose the property of the CRM.';
  return null;
}

/** What keeps a row from being saved, by its place. */
export function ruleProblems(rules: readonly FieldRule[]): ReadonlyMap<number, string> {
  const problems = new Map<number, string>();
  const seen = new Set<string>();
  for (const [index, rule] of rules.entries()) {
    const problem = problemOf(rule, seen);
    if (problem !== null) problems.set(index, problem);
    seen.add(rule.field);
  }
  return problems;
}

/** No law broken and nothing that blocks. */
export const safeToSave = ({ laws, findings }: MappingCheck): boolean =>
  laws.every(({ ok }) => ok) && !findings.some(({ severity }) => severity === 'block');
