import { ACCESS_ROLES, type AccessRole } from '@tidelock/core';
import type { RoleRule } from './access-config.ts';

export type Claims = Readonly<Record<string, unknown>>;

const isMap = (value: unknown): value is Claims =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A claim by its whole name, or by a path into claims. */
function claimOf(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  return name
    .split('.')
    .reduce<unknown>((at, step) => (isMap(at) && Object.hasOwn(at, step) ? at[step] : undefined), claims);
}

const texts = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string');

function applies(rule: RoleRule, { claims, subject }: { claims: Claims; subject: string }): boolean {
  if (rule.everyone) return true;
  if (rule.users !== undefined) return rule.users.includes(subject);
  const [name, wanted] = rule.groups === undefined ? [rule.claim, rule.values] : ['groups', rule.groups];
  if (name === undefined || wanted === undefined) return false;
  return texts(claimOf(claims, name)).some((value) => wanted.includes(value));
}

/** The highest role that a rule gives; null = none does. Compared exactly: upper and lower case are not the same. */
export function roleOf(
  rules: readonly RoleRule[],
  person: { readonly claims: Claims; readonly subject: string },
): AccessRole | null {
  const given = rules.filter((rule) => applies(rule, person)).map(({ role }) => role);
  return ACCESS_ROLES.findLast((role) => given.includes(role)) ?? null;
}
