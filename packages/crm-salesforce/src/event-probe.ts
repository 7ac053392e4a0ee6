import type { Finding } from '@tidelock/core';
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
