import type { FieldRule } from '@tidelock/core';
import type { Config } from '../config.ts';
import type { ProfileInput } from './profile-schema.ts';

export type Direction = ProfileInput['contacts']['direction'];

/** Rows that replace rows of the same field, or are added. */
export function withRows(rules: readonly FieldRule[], extra: readonly FieldRule[]): FieldRule[] {
  const replaced = new Map(extra.map((rule) => [rule.field, rule]));
  const known = new Set(rules.map((rule) => rule.field));
  return [
    ...rules.map((rule) => replaced.get(rule.field) ?? rule),
    ...extra.filter((rule) => !known.has(rule.field)),
  ];
}

/** A row in a profile that goes one way: narrowed, or left out because it goes the other one. */
export function narrowed(rule: FieldRule, direction: Direction): FieldRule[] {
  if (direction === 'both' || rule.direction.startsWith(direction)) return [rule];
  return rule.direction === 'both' ? [{ ...rule, direction }] : [];
}

export interface Allowed {
  readonly create: { readonly mailbox: boolean; readonly crm: boolean };
  readonly onDelete: { readonly mailbox: 'delete' | 'unlink'; readonly crm: 'delete' | 'unlink' };
}

/** What may be created and deleted; a side that the direction never writes is not. */
export function allowed(
  config: Config,
  own: Pick<ProfileInput['contacts'], 'direction' | 'create' | 'onDelete'>,
): Allowed {
  const { create, onDelete } = config.sync;
  const { direction } = own;
  return {
    create: {
      mailbox: direction !== 'mailbox>crm' && (own.create.mailbox ?? create.mailbox),
      crm: direction !== 'crm>mailbox' && (own.create.crm ?? create.crm),
    },
    onDelete: {
      mailbox: direction === 'crm>mailbox' ? 'unlink' : (own.onDelete.mailbox ?? onDelete.mailbox),
      crm: direction === 'mailbox>crm' ? 'unlink' : (own.onDelete.crm ?? onDelete.crm),
    },
  };
}
