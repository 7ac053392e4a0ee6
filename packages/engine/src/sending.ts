import type { Fields, Intent } from '@tidelock/core';
import type { PlannedWrite } from './link-plan.ts';
import type { Work } from './work.ts';

/** One write on its way: the link as it stands now (an earlier write of this chunk may have changed it). */
export interface Sending {
  readonly work: Work;
  readonly write: PlannedWrite;
  readonly intent: Intent;
  /** No further write of this link follows in this pass: on success it counts as looked at. */
  readonly last: boolean;
}

/** A write that took effect, for reports. */
export interface Done {
  readonly linkId: string;
  readonly side: 'a' | 'b';
  readonly op: 'create' | 'update' | 'delete';
  readonly title: string;
  readonly rule: string;
  readonly changes: PlannedWrite['changes'];
  readonly conflicts: number;
}

/** Fields that a title is made of. */
export const TITLE_FIELDS = ['firstName', 'lastName', 'company', 'email', 'subject'] as const;

/** What to call a record on a screen. */
export function titleOf(fields: Fields): string {
  const text = (name: string): string => (typeof fields[name] === 'string' ? fields[name] : '');
  const name = [text('firstName'), text('lastName')].filter((part) => part !== '').join(' ');
  return name || text('company') || text('email') || text('subject') || '(no name)';
}
