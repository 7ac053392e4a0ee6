import type { FieldCatalogue, Finding, SetupStep } from '@tidelock/core';
import type { OrgUsage } from './client-budget.ts';
import type { Shape } from './fields.ts';
import { defaultMapping } from './mapping.ts';
import type { WireField } from './wire.ts';

/** A UUID has 36 characters; 64 leaves room. */
const STAMP_LENGTH = 36;
/** From here on other integrations of the org are close to being refused. */
const BUSY_SHARE = 0.8;

/** What a person clicks in Setup. */
function stampClicks(stampField: string): readonly string[] {
  const name = stampField.replace(/__c$/, '');
  return [
    'Setup > Object Manager > Contact > Fields & Relationships > New',
    'Data Type: Text > Next',
    `Field Label: ${name}; Length: 64; Field Name: ${name}`,
    'Tick "Do not allow duplicate values" (treat "ABC" and "abc" as duplicate values)',
    'Tick "External ID: Set this field as the unique record identifier from an external system" > Next',
    'Field-Level Security: Visible for the profile of the integration user only; not Read-Only > Next',
    'Page layouts: none > Save',
    'Or field rights by permission set: Setup > Permission Sets > the one of the integration user > Object Settings > ' +
      `Contacts > Field Permissions > ${name}: Read Access and Edit Access > Save`,
  ];
}

type StampFault = Omit<Finding, 'severity' | 'remedy'>;

/** Why the field cannot keep stamps; null when it can. */
export function stampFault(
  stamp: WireField | undefined,
  { object, stampField }: { readonly object: string; readonly stampField: string },
): StampFault | null {
  if (!stamp) {
    const text = `${object} has no field ${stampField} that the integration user can see.`;
    return { code: 'stamp-field-missing', text };
  }
  if (stamp.type !== 'string' || stamp.length < STAMP_LENGTH) {
    return {
      code: 'stamp-field-type',
      text: `${stampField} is not a text of ${STAMP_LENGTH} characters or more.`,
    };
  }
  if (!stamp.unique) {
    const what = object === 'Contact' ? 'contact' : 'event';
    const text = `${stampField} allows duplicate values: a repeated create would make a second ${what}.`;
    return { code: 'stamp-field-not-unique', text };
  }
  if (!stamp.externalId) {
    return {
      code: 'stamp-field-not-external-id',
      text: `${stampField} is no external id, so it has no index.`,
    };
  }
  if (!stamp.createable || !stamp.updateable) {
    return { code: 'stamp-field-read-only', text: `The integration user cannot write ${stampField}.` };
  }
  return null;
}

export function toSetupSteps(shape: Shape, stampField: string): readonly SetupStep[] {
  return [
    {
      code: 'stamp-field',
      text: `Contact needs the text field ${stampField}: unique, external id, 64 characters.`,
      manual: stampClicks(stampField),
      done: stampFault(shape.stamp, { object: 'Contact', stampField }) === null,
    },
  ];
}

/** The rights that the integration user lacks on an object; `grant` says what gives them. */
export function accessFindings(
  { access }: Pick<Shape, 'access'>,
  of: { readonly object: 'Contact' | 'Event'; readonly grant: string },
): readonly Finding[] {
  const lacking = [
    access.createable ? [] : ['Create'],
    access.updateable ? [] : ['Edit'],
    access.deletable ? [] : ['Delete'],
  ].flat();
  if (lacking.length === 0) return [];
  return [
    {
      code: `${of.object.toLowerCase()}-access`,
      severity: 'warn',
      text: `The integration user lacks rights on ${of.object}: ${lacking.join(', ')}.`,
      remedy: `Give it the permission set of the README: ${of.grant}.`,
    },
  ];
}

/** Properties that a mapping names and the object does not have. */
export function unknownProperties(of: {
  readonly object: string;
  readonly catalogue: FieldCatalogue;
  readonly properties: readonly string[];
  readonly optional: readonly string[];
}): readonly Finding[] {
  const { object, catalogue, properties, optional } = of;
  return properties
    .filter((property) => !Object.hasOwn(catalogue, property))
    .map((property) => ({
      code: 'unknown-property',
      severity: optional.includes(property) ? ('info' as const) : ('warn' as const),
      text: `${object} has no property ${property} that can be synchronised: its rule is left out.`,
      remedy: `Create the field, give the integration user access to it, or take ${property} out of the mapping.`,
    }));
}

const propertyFindings = ({ catalogue }: Shape, properties: readonly string[]): readonly Finding[] =>
  unknownProperties({
    object: 'Contact',
    catalogue,
    properties,
    optional: defaultMapping.fields.filter((rule) => rule.optional).map((rule) => rule.crm),
  });

function usageFindings(usage: OrgUsage | null): readonly Finding[] {
  if (!usage || usage.used < usage.max * BUSY_SHARE) return [];
  return [
    {
      code: 'api-budget-low',
      severity: 'warn',
      text: `The org has used ${usage.used} of ${usage.max} API requests of the last 24 hours.`,
      remedy: 'Look at Setup > Company Information > API Requests; poll less often, or buy more calls.',
    },
  ];
}

export interface Findings {
  readonly shape: Shape;
  readonly stampField: string;
  readonly properties: readonly string[];
  readonly usage: OrgUsage | null;
}

export function toFindings({ shape, stampField, properties, usage }: Findings): readonly Finding[] {
  const fault = stampFault(shape.stamp, { object: 'Contact', stampField });
  const stamp: readonly Finding[] = fault
    ? [{ ...fault, severity: 'block', remedy: stampClicks(stampField).join('; ') }]
    : [];
  const codes: readonly Finding[] = shape.stateCodes
    ? [
        {
          code: 'state-country-picklists',
          severity: 'info',
          text: 'State and country are picklists: an address whose state or country is no entry of them is refused.',
        },
      ]
    : [];
  return [
    ...stamp,
    ...accessFindings(shape, {
      object: 'Contact',
      grant: 'Read, Create, Edit, Delete, View All on Contacts',
    }),
    ...propertyFindings(shape, properties),
    ...codes,
    ...usageFindings(usage),
  ];
}
