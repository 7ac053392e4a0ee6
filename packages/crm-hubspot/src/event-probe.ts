import type { Finding, SetupStep } from '@tidelock/core';
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

/** Property that all copies of one meeting have in common, by the shipped mapping. */
const UID = 'tidelock_uid';

const uidClicks = [
  PLACE,
  `Label: Tidelock meeting; internal name: ${UID}`,
  'Field type: Single-line text > Create',
].join('; ');

/** A property of meetings that `provision` can make. */
export interface MeetingProperty {
  readonly name: string;
  readonly label: string;
  readonly unique: boolean;
}

interface Names {
  readonly stampProperty: string;
  readonly allDayProperty: string;
}

/** By the code of the step that makes it. */
export const meetingProperties = ({
  stampProperty,
  allDayProperty,
}: Names): Readonly<Record<string, MeetingProperty>> => ({
  'meeting-stamp-property': { name: stampProperty, label: 'Tidelock key', unique: true },
  'meeting-uid-property': { name: UID, label: 'Tidelock meeting', unique: false },
  'meeting-all-day-property': { name: allDayProperty, label: 'All day', unique: false },
});

/** What meetings need beside what contacts do. */
export function toEventSteps(shape: MeetingShape, names: Names): readonly SetupStep[] {
  const { stampProperty, allDayProperty } = names;
  const hasUid = Object.hasOwn(shape.catalogue, UID);
  return [
    {
      code: 'meeting-stamp-property',
      text: `Meetings need the text property ${stampProperty} with unique values.`,
      manual: stampClicks(stampProperty).split('; '),
      done: stampFault(shape.stamp, { objects: 'Meetings', stampProperty }) === null,
      // What is there with another type, or without unique values, is somebody's: a person has to look at it.
      automatic: shape.stamp === undefined,
    },
    {
      code: 'meeting-uid-property',
      text: `Meetings need the text property ${UID}, by which the mailboxes of one meeting share it.`,
      manual: uidClicks.split('; '),
      done: hasUid,
      automatic: !hasUid,
    },
    {
      code: 'meeting-all-day-property',
      text: `Meetings need the text property ${allDayProperty}, which tells whole days from times.`,
      manual: allDayClicks(allDayProperty).split('; '),
      done: shape.allDay !== undefined,
      automatic: shape.allDay === undefined,
    },
  ];
}
