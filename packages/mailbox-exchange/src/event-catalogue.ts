import type { FieldCatalogue, FieldSpec } from '@tidelock/core';

const TEXT_LENGTH = 255;
/** What one write may hold is 4 MB in all. */
const BODY_LENGTH = 1_000_000;
/** Exchange's own limit of recipients. */
const MOST_PEOPLE = 500;

export const SHOW_AS = ['free', 'tentative', 'busy', 'oof', 'workingElsewhere'] as const;
export const SENSITIVITIES = ['normal', 'personal', 'private', 'confidential'] as const;

const text = (label: string, writable = true): FieldSpec => ({
  type: 'text',
  label,
  writable,
  maxLength: TEXT_LENGTH,
});

/** What an Exchange event can hold. Names of fields that an exception may have of its own are those of the contract. */
export const EVENT_CATALOGUE: FieldCatalogue = Object.freeze({
  subject: text('Subject'),
  location: text('Location'),
  body: { type: 'html', label: 'Body', writable: true, maxLength: BODY_LENGTH },
  time: { type: 'time', label: 'Start and end', writable: true, required: true },
  recurrence: { type: 'recurrence', label: 'Recurrence', writable: true },
  occurrences: { type: 'occurrences', label: 'Changed and cancelled occurrences', writable: true },
  people: { type: 'people', label: 'Attendees', writable: true, maxItems: MOST_PEOPLE, keeps: ['role'] },
  showAs: { type: 'choice', label: 'Show as', writable: true, choices: SHOW_AS, personal: true },
  sensitivity: { type: 'choice', label: 'Sensitivity', writable: true, choices: SENSITIVITIES },
  categories: {
    type: 'set',
    label: 'Categories',
    writable: true,
    maxLength: TEXT_LENGTH,
    personal: true,
  },
  reminder: { type: 'minutes', label: 'Reminder', writable: true, personal: true },
  /** What all copies of one meeting have in common. */
  uid: text('Identity of the meeting', false),
  webLink: { type: 'url', label: 'Link to the event in Outlook', writable: false },
  joinUrl: { type: 'url', label: 'Link of the online meeting', writable: false },
});
