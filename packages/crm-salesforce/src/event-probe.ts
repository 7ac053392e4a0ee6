import type { Finding, SetupStep } from '@tidelock/core';
import type { EventShape } from './event-fields.ts';
import { defaultEventMapping } from './event-mapping.ts';
import { accessFindings, stampFault, unknownProperties } from './probe.ts';

/** What a person clicks in Setup. */
function stampClicks(stampField: string): readonly string[] {
  const name = stampField.replace(/__c$/, '');
  return [
    'Setup > Object Manager > Activity > Fields & Relationships > New',
    'Data Type: Text > Next',
    `Field Label: ${name}; Length: 64; Field Name: ${name}`,
    'Tick "Do not allow duplicate values" (treat "ABC" and "abc" as duplicate values)',
    'Tick "External ID: Set this field as the unique record identifier from an external system" > Next',
    'Field-Level Security: Visible for the profile of the integration user only; not Read-Only > Next',
    'Page layouts: none > Save',
  ];
}

const SHARED_CLICKS = [
  'Setup > Activity Settings > tick "Allow Users to Relate Multiple Contacts to Tasks and Events" > Submit',
];

export function toEventFindings(of: {
  readonly shape: EventShape;
  readonly stampField: string;
  readonly properties: readonly string[];
}): readonly Finding[] {
  const { shape, stampField, properties } = of;
  const fault = stampFault(shape.stamp, { object: 'Activity', stampField });
  const stamp: readonly Finding[] = fault
    ? [{ ...fault, severity: 'block', remedy: stampClicks(stampField).join('; ') }]
    : [];
  const shared: readonly Finding[] = shape.shared
    ? []
    : [
        {
          code: 'shared-activities-off',
          severity: 'info',
          text: 'Activities are not shared: attendees are invitees of the event and show in no list of a contact.',
          remedy: SHARED_CLICKS.join('; '),
        },
      ];
  const unknown = unknownProperties({
    object: 'Event',
    catalogue: shape.catalogue,
    properties,
    optional: defaultEventMapping.fields.filter((rule) => rule.optional).map((rule) => rule.crm),
  });
  return [
    ...stamp,
    ...accessFindings(shape, { object: 'Event', grant: 'Edit Events and View All Data' }),
    ...unknown,
    ...shared,
  ];
}

/** Field that all copies of one meeting have in common, by the shipped mapping. */
const UID = 'TidelockUid__c';

const UID_CLICKS = [
  'Setup > Object Manager > Activity > Fields & Relationships > New',
  'Data Type: Text > Next',
  'Field Label: TidelockUid; Length: 255; Field Name: TidelockUid > Next',
  'Field-Level Security: Visible for the profile of the integration user only; not Read-Only > Next',
  'Page layouts: none > Save',
];

/** What events need beside what contacts do: fields of Activity, which only a person can make. */
export const toEventSteps = (shape: EventShape, stampField: string): readonly SetupStep[] => [
  {
    code: 'event-stamp-field',
    text: `Activity needs the unique external id field ${stampField}.`,
    manual: stampClicks(stampField),
    done: stampFault(shape.stamp, { object: 'Activity', stampField }) === null,
  },
  {
    code: 'event-uid-field',
    text: `Activity needs the text field ${UID}, by which the mailboxes of one meeting share it.`,
    manual: UID_CLICKS,
    done: Object.hasOwn(shape.catalogue, UID),
  },
];
