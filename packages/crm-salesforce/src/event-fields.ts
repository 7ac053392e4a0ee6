import type { FieldSpec } from '@tidelock/core';
import type { Describe, WireField } from './wire.ts';

/** Properties that are made of several columns, or of rows of another object. */
export const TIME = 'time';
export const PEOPLE = 'people';
export const REMINDER = 'reminder';

/** People that an event takes where activities are shared; one lead, or one contact, where they are not. */
const MOST_PEOPLE = 50;

const TEXTS: Readonly<Record<string, FieldSpec['type']>> = {
  string: 'text',
  combobox: 'text',
  picklist: 'text',
  textarea: 'multiline',
  url: 'url',
  email: 'email',
  phone: 'phone',
  date: 'date',
};

export const SHOW_AS: Readonly<Record<string, string>> = { Free: 'free', Busy: 'busy', OutOfOffice: 'oof' };
export const SENSITIVITY = { open: 'normal', private: 'private' } as const;

/** What the org's events look like to the integration user. */
export interface EventShape {
  readonly catalogue: Readonly<Record<string, FieldSpec>>;
  /** Undefined: it does not exist, or field-level security hides it. */
  readonly stamp: WireField | undefined;
  readonly access: {
    readonly createable: boolean;
    readonly updateable: boolean;
    readonly deletable: boolean;
  };
  /** Several contacts can be related to one event. */
  readonly shared: boolean;
}

const isWritable = (field: WireField | undefined): boolean => field?.createable === true && field.updateable;

function toSpec(field: WireField, type: FieldSpec['type']): FieldSpec {
  const writable = isWritable(field);
  const length = field.length > 0 && type !== 'date' ? { maxLength: field.length } : {};
  return {
    type,
    label: field.label,
    writable,
    ...length,
    ...(type === 'date' ? { yearRequired: true } : {}),
  };
}

/** Columns that a composed property stands for, or that the service keeps by itself. */
const COMPOSED = new Set([
  'StartDateTime',
  'EndDateTime',
  'EndDate',
  'ActivityDate',
  'ActivityDateTime',
  'DurationInMinutes',
  'IsAllDayEvent',
  'ReminderDateTime',
  'IsReminderSet',
  'GroupEventType',
  'EventSubtype',
]);

const isSeries = (name: string): boolean => name.startsWith('Recurrence') || name.startsWith('IsRecurrence');

function toEntry(field: WireField): readonly (readonly [string, FieldSpec])[] {
  const { name, label } = field;
  const writable = isWritable(field);
  if (name === 'ShowAs')
    return [[name, { type: 'choice', label, writable, choices: Object.values(SHOW_AS), personal: true }]];
  if (name === 'IsPrivate')
    return [[name, { type: 'choice', label, writable, choices: Object.values(SENSITIVITY) }]];
  const type = TEXTS[field.type];
  const offered = isWritable(field) || field.custom;
  return type === undefined || !offered || COMPOSED.has(name) || isSeries(name)
    ? []
    : [[name, toSpec(field, type)]];
}

export function toEventShape(
  of: { readonly event: Describe; readonly relation: Describe },
  stampField: string,
): EventShape {
  const { event, relation } = of;
  const named = (name: string): WireField | undefined => event.fields.find((field) => field.name === name);
  const entries = event.fields.filter(({ name }) => name !== stampField).flatMap(toEntry);
  const catalogue: Record<string, FieldSpec> = {
    ...Object.fromEntries(entries),
    [TIME]: {
      type: 'time',
      label: 'Start and end',
      writable: isWritable(named('StartDateTime')),
      required: true,
      instantsOnly: true,
    },
    [PEOPLE]: {
      type: 'people',
      label: 'Attendees',
      writable: relation.createable && relation.deletable,
      maxItems: MOST_PEOPLE,
      keeps: ['response'],
      resolved: true,
    },
  };
  if (named('ReminderDateTime') !== undefined)
    catalogue[REMINDER] = {
      type: 'minutes',
      label: 'Reminder',
      writable: isWritable(named('ReminderDateTime')),
      personal: true,
    };
  const { createable, updateable, deletable } = event;
  return {
    catalogue,
    stamp: named(stampField),
    access: { createable, updateable, deletable },
    shared: relation.fields.some((field) => field.name === 'IsInvitee'),
  };
}
