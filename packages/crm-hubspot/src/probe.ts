import type { FieldCatalogue, Finding, Mapping, SetupStep } from '@tidelock/core';
import type { Client } from './client.ts';
import type { Shape } from './fields.ts';
import { defaultMapping } from './mapping.ts';
import type { WireProperty } from './wire.ts';

/** Below this many requests left today other integrations of the account are close to being refused. */
const FEW_REQUESTS = 10_000;

/** What a person clicks in the settings. */
const stampClicks = (stampProperty: string): readonly string[] => [
  'Settings > Data Management > Properties > Contact properties > Create property',
  `Label: Tidelock key; internal name: ${stampProperty}; group: Contact information`,
  'Field type: Single-line text',
  'Rules: Require unique values for this property > Create',
];

/** Code of the step that makes the property for our stamp. */
export const STAMP_STEP = 'stamp-property';

type Fault = Pick<Finding, 'code' | 'text'>;

export function stampFault(
  stamp: WireProperty | undefined,
  { objects, stampProperty }: { readonly objects: string; readonly stampProperty: string },
): Fault | null {
  if (!stamp)
    return { code: 'stamp-property-missing', text: `${objects} have no property ${stampProperty}.` };
  if (stamp.type !== 'string')
    return { code: 'stamp-property-type', text: `${stampProperty} is not a single-line text.` };
  if (!stamp.hasUniqueValue) {
    const text = `${stampProperty} allows duplicate values: a repeated create would make a second one.`;
    return { code: 'stamp-property-not-unique', text };
  }
  if (stamp.modificationMetadata?.readOnlyValue === true)
    return { code: 'stamp-property-read-only', text: `${stampProperty} cannot be written.` };
  return null;
}

export function toSetupSteps(shape: Shape, stampProperty: string): readonly SetupStep[] {
  return [
    {
      code: STAMP_STEP,
      text: `Contacts need the text property ${stampProperty} with unique values.`,
      manual: stampClicks(stampProperty),
      done: stampFault(shape.stamp, { objects: 'Contacts', stampProperty }) === null,
      // What is there with another type, or without unique values, is somebody's: a person has to look at it.
      automatic: shape.stamp === undefined,
    },
  ];
}

export function propertyFindings(
  properties: readonly string[],
  of: {
    readonly objects: string;
    readonly catalogue: FieldCatalogue;
    readonly mapping: Mapping;
  },
): readonly Finding[] {
  const { objects, catalogue, mapping } = of;
  const optional = new Set(mapping.fields.filter((rule) => rule.optional).map((rule) => rule.crm));
  return properties
    .filter((property) => !Object.hasOwn(catalogue, property))
    .map((property) => ({
      code: 'unknown-property',
      severity: optional.has(property) ? ('info' as const) : ('warn' as const),
      text: `${objects} have no property ${property} that can be synchronised: its rule is left out.`,
      remedy: `Create the property, or take ${property} out of the mapping.`,
    }));
}

function budgetFindings(remaining: number | null): readonly Finding[] {
  if (remaining === null || remaining >= FEW_REQUESTS) return [];
  return [
    {
      code: 'api-budget-low',
      severity: 'warn',
      text: `The account has ${remaining} API requests left today.`,
      remedy:
        'Look at Settings > Integrations > Private Apps > the app > Logs; poll less often, or raise the limit.',
    },
  ];
}

export interface Probed {
  readonly shape: Shape;
  readonly stampProperty: string;
  readonly properties: readonly string[];
  readonly client: Client;
}

export function toFindings({ shape, stampProperty, properties, client }: Probed): readonly Finding[] {
  const fault = stampFault(shape.stamp, { objects: 'Contacts', stampProperty });
  const remedy = stampClicks(stampProperty).join('; ');
  return [
    ...(fault ? [{ ...fault, severity: 'block' as const, remedy }] : []),
    ...propertyFindings(properties, {
      objects: 'Contacts',
      catalogue: shape.catalogue,
      mapping: defaultMapping,
    }),
    ...budgetFindings(client.remainingToday()),
  ];
}
