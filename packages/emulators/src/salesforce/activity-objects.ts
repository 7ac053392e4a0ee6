import { defineField, defineObject, type FieldDefinition, type ObjectDefinition } from './schema.ts';
import { audit, flag, moment, picklist, READ_ONLY, recordId, reference, text } from './standard-fields.ts';

// Event follows a recorded describe, EventRelation the field reference.

const CHOSEN = { createable: true, updateable: true } as const;
const ONCE = { createable: true, updateable: false } as const;

const when = (name: string, label: string): FieldDefinition => moment(name, label, {});
const whole = (name: string, label: string, digits = 9): FieldDefinition =>
  defineField(name, label, { type: 'int', precision: digits });
const closed = (name: string, label: string, picklistValues: readonly string[]): FieldDefinition =>
  picklist(name, label, { picklistValues, length: 40, restrictedPicklist: true });

const RELATED = [
  'Account',
  'Asset',
  'Campaign',
  'Case',
  'Contract',
  'Opportunity',
  'Order',
  'Product2',
  'ServiceContract',
  'Solution',
  'WorkOrder',
];

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** Series as classic Salesforce knows them: the fields are there, rows cannot be made with them here. */
const classicSeries = (): FieldDefinition[] => [
  reference('RecurrenceActivityId', 'Recurrence Activity ID', {
    ...READ_ONLY,
    relationshipName: null,
    referenceTo: ['Event'],
  }),
  flag('IsRecurrence', 'Create Recurring Series of Events', ONCE),
  when('RecurrenceStartDateTime', 'Recurrence Start'),
  defineField('RecurrenceEndDateOnly', 'Recurrence End', { type: 'date' }),
  closed('RecurrenceTimeZoneSidKey', 'Recurrence Time Zone', []),
  closed('RecurrenceType', 'Recurrence Type', [
    'RecursDaily',
    'RecursEveryWeekday',
    'RecursMonthly',
    'RecursMonthlyNth',
    'RecursWeekly',
    'RecursYearly',
    'RecursYearlyNth',
  ]),
  whole('RecurrenceInterval', 'Recurrence Interval'),
  whole('RecurrenceDayOfWeekMask', 'Recurrence Day of Week Mask'),
  whole('RecurrenceDayOfMonth', 'Recurrence Day of Month'),
  closed('RecurrenceInstance', 'Recurrence Instance', ['First', 'Second', 'Third', 'Fourth', 'Last']),
  closed('RecurrenceMonthOfYear', 'Recurrence Month of Year', MONTHS),
];

/** Series of Lightning: a text on creation, and nothing that could be changed afterwards. */
const lightningSeries = (): FieldDefinition[] => [
  flag('IsRecurrence2Exclusion', 'Historical Event, Not Following Recurrence'),
  defineField('Recurrence2PatternText', 'Recurrence Pattern', {
    type: 'textarea',
    length: 512,
    filterable: false,
    sortable: false,
    ...ONCE,
  }),
  picklist('Recurrence2PatternVersion', 'Pattern Version', {
    ...READ_ONLY,
    picklistValues: ['1', '2'],
    length: 40,
    restrictedPicklist: true,
  }),
  flag('IsRecurrence2', 'Repeat'),
  flag('IsRecurrence2Exception', 'Is Exception'),
  moment('Recurrence2PatternStartDate', 'Recurrence Pattern Start Date'),
  text('Recurrence2PatternTimeZone', 'Recurrence Pattern Time Zone Reference', {
    length: 255,
    ...READ_ONLY,
  }),
];

const hiddenKey = (name: string, label: string): FieldDefinition =>
  defineField(name, label, { type: 'reference', length: 18, caseSensitive: true });

/** Which series a row belongs to: change events tell it, REST does not, so it is no field of the object. */
export const SERIES_KEY = hiddenKey('ActivityRecurrence2Id', 'Recurrence Series');
/** The event that an invited user's own copy belongs to. */
export const PARENT_KEY = hiddenKey('ParentEventId', 'Parent Event');

export function event(): ObjectDefinition {
  return defineObject({
    name: 'Event',
    label: 'Event',
    labelPlural: 'Events',
    keyPrefix: '00U',
    writable: true,
    fields: [
      recordId('Activity ID'),
      reference('WhoId', 'Name ID', { referenceTo: ['Contact', 'Lead'] }),
      reference('WhatId', 'Related To ID', { referenceTo: RELATED }),
      defineField('Subject', 'Subject', {
        type: 'combobox',
        length: 255,
        nameField: true,
        picklistValues: ['Call', 'Email', 'Meeting', 'Send Letter/Quote', 'Other'],
      }),
      text('Location', 'Location', { length: 255 }),
      flag('IsAllDayEvent', 'All-Day Event', CHOSEN),
      when('ActivityDateTime', 'Due Date Time'),
      defineField('ActivityDate', 'Due Date Only', { type: 'date' }),
      whole('DurationInMinutes', 'Duration', 8),
      when('StartDateTime', 'Start Date Time'),
      when('EndDateTime', 'End Date Time'),
      defineField('EndDate', 'End Date', { type: 'date', ...READ_ONLY }),
      defineField('Description', 'Description', { type: 'textarea', length: 32_000 }),
      reference('AccountId', 'Account ID', { ...READ_ONLY, referenceTo: ['Account'] }),
      reference('OwnerId', 'Assigned To ID', {
        referenceTo: ['Calendar', 'User'],
        nillable: false,
        defaultedOnCreate: true,
      }),
      flag('IsPrivate', 'Private', CHOSEN),
      picklist('ShowAs', 'Show Time As', {
        picklistValues: ['Busy', 'OutOfOffice', 'Free'],
        length: 40,
        restrictedPicklist: true,
        defaultedOnCreate: true,
      }),
      flag('IsDeleted', 'Deleted'),
      flag('IsChild', 'Is Child'),
      flag('IsGroupEvent', 'Is Group Event'),
      picklist('GroupEventType', 'Group Event Type', {
        ...READ_ONLY,
        picklistValues: ['0', '1', '2', '3'],
        length: 40,
        restrictedPicklist: true,
        defaultedOnCreate: true,
      }),
      ...audit,
      flag('IsArchived', 'Archived'),
      ...classicSeries(),
      when('ReminderDateTime', 'Reminder Date/Time'),
      flag('IsReminderSet', 'Reminder Set', CHOSEN),
      picklist('EventSubtype', 'Event Subtype', {
        ...ONCE,
        picklistValues: ['Event'],
        length: 40,
        restrictedPicklist: true,
      }),
      ...lightningSeries(),
    ],
  });
}

/** Fields that only orgs with shared activities have. */
export const sharedActivityFields = (): FieldDefinition[] => [
  flag('IsInvitee', 'Is Invitee', CHOSEN),
  flag('IsParent', 'Is Parent', CHOSEN),
  flag('IsWhat', 'Is What', ONCE),
  reference('AccountId', 'Account ID', { ...READ_ONLY, referenceTo: ['Account'] }),
];

export function eventRelation(): ObjectDefinition {
  return defineObject({
    name: 'EventRelation',
    label: 'Event Relation',
    labelPlural: 'Event Relations',
    keyPrefix: '0RE',
    writable: true,
    fields: [
      recordId('Event Relation ID'),
      reference('EventId', 'Event ID', { referenceTo: ['Event'], nillable: false, updateable: false }),
      reference('RelationId', 'Relation ID', {
        referenceTo: ['Contact', 'Lead', 'User', 'Calendar', 'Account'],
        updateable: false,
      }),
      picklist('Status', 'Status', {
        picklistValues: ['New', 'Accepted', 'Declined', 'Uninvited', 'Maybe'],
        length: 40,
        restrictedPicklist: true,
      }),
      when('RespondedDate', 'Responded Date'),
      text('Response', 'Response', { length: 255 }),
      flag('IsDeleted', 'Deleted'),
      ...audit,
    ],
  });
}
