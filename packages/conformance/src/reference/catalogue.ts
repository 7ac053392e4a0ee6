import type { FieldCatalogue, StoreCapabilities } from '@tidelock/core';

/** One property of each type, with the limits that real stores have. */
export const REFERENCE_CATALOGUE: FieldCatalogue = {
  familyName: { type: 'text', label: 'Family name', writable: true, required: true, maxLength: 80 },
  email: { type: 'email', label: 'E-mail', writable: true, maxLength: 100 },
  phone: { type: 'phone', label: 'Phone', writable: true, maxLength: 40 },
  city: { type: 'text', label: 'City', writable: true, maxLength: 40 },
  notes: { type: 'multiline', label: 'Notes', writable: true, maxLength: 2000 },
  birthday: { type: 'date', label: 'Birthday', writable: true },
  website: { type: 'url', label: 'Website', writable: true, maxLength: 200 },
  home: { type: 'address', label: 'Home', writable: true, parts: { street: 60, city: 40, postalCode: 12 } },
  tags: { type: 'set', label: 'Tags', writable: true, maxLength: 30, maxItems: 5 },
  company: { type: 'text', label: 'Company', writable: true, maxLength: 60, resolved: true },
  when: { type: 'time', label: 'When', writable: true },
  rule: { type: 'recurrence', label: 'Rule', writable: true },
  exceptions: { type: 'occurrences', label: 'Exceptions', writable: true },
  guests: { type: 'people', label: 'Guests', writable: true },
  page: { type: 'html', label: 'Page', writable: true, maxLength: 5000 },
  state: { type: 'choice', label: 'State', writable: true, choices: ['free', 'busy'] },
  reminder: { type: 'minutes', label: 'Reminder', writable: true },
  createdVia: { type: 'text', label: 'Created via', writable: false },
};

export const REFERENCE_CAPABILITIES: StoreCapabilities = {
  conditionalUpdate: true,
  conditionalDelete: true,
  createKey: 'unique',
  representation: true,
  modifiedBy: true,
  deletions: 'in-feed',
  contentInFeed: true,
  stampInFeed: true,
  merges: true,
  restore: false,
  lagSeconds: 0,
  zombieSeconds: 0,
  batch: { read: 20, write: 8 },
};

/** A store of events that sends invitations. */
export const REFERENCE_EVENTS: StoreCapabilities = {
  ...REFERENCE_CAPABILITIES,
  events: { recurrence: 'full', notifies: true },
};

/** A store of single events that tells nobody anything. */
export const REFERENCE_SINGLE_EVENTS: StoreCapabilities = {
  ...REFERENCE_CAPABILITIES,
  events: { recurrence: 'none', notifies: false },
};

/** The other answer to every question. */
export const REFERENCE_MODEST: StoreCapabilities = {
  ...REFERENCE_CAPABILITIES,
  conditionalUpdate: false,
  conditionalDelete: false,
  createKey: 'lookup',
  representation: false,
  modifiedBy: false,
  contentInFeed: false,
  stampInFeed: false,
  merges: false,
  lagSeconds: 5,
  zombieSeconds: 30,
};
