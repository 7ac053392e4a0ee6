import type { Finding } from '@tidelock/core';
import type { MeetingShape } from './event-fields.ts';
import { defaultEventMapping } from './event-mapping.ts';
import { propertyFindings, stampFault } from './probe.ts';

const PLACE = 'Settings > Data Management > Properties > Meeting properties > Create property';

const stampClicks = (stampProperty: string): string =>
  [
    PLACE,
    `Label: Tidelock key; internal name: ${stampProperty}`,
    'Field type: Single-line text',
    'Rules: Require unique values for this property > Create',
  ].join('; ');

const allDayClicks = (allDayProperty: string): string =>
  [
    PLACE,
    `Label: All day; internal name: ${allDayProperty}`,
    'Field type: Single-line text or Single checkbox > Create',
  ].join('; ');

export function toEventFindings(of: {
  readonly shape: MeetingShape;
  readonly stampProperty: string;
  readonly allDayProperty: string;
  readonly properties: readonly string[];
}): readonly Finding[] {
  const { shape, stampProperty, allDayProperty, properties } = of;
  const fault = stampFault(shape.stamp, { objects: 'Meetings', stampProperty });
  const stamp: readonly Finding[] = fault
    ? [{ ...fault, severity: 'block', remedy: stampClicks(stampProperty) }]
    : [];
  const allDay: readonly Finding[] =
    shape.allDay === undefined
      ? [
          {
            code: 'all-day-property-missing',
            severity: 'warn',
            text: `Meetings have no property ${allDayProperty}: events of whole days are not written.`,
            remedy: allDayClicks(allDayProperty),
          },
        ]
      : [];
  const unknown = propertyFindings(properties, {
    objects: 'Meetings',
    catalogue: shape.catalogue,
    mapping: defaultEventMapping,
  });
  return [...stamp, ...allDay, ...unknown];
}
