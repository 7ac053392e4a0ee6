import { z } from 'zod';

// Lenient on purpose: unknown members are ignored, and a property of an unexpected type reads as absent, which the
// contract takes for "unknown", never for "blank".
const Text = z.string().nullable().optional().catch(undefined);
type Maybe<T> = T | null | undefined;

export interface WireEmail {
  readonly address?: Maybe<string>;
  readonly name?: Maybe<string>;
}

const ADDRESS_PARTS = ['street', 'city', 'state', 'countryOrRegion', 'postalCode'] as const;
type WireAddress = { readonly [part in (typeof ADDRESS_PARTS)[number]]?: Maybe<string> };

interface WireExtended {
  readonly id: string;
  readonly value?: Maybe<string>;
}

/**
 * What is read of each property of a contact, in the order in which they are asked for. One literal: an object that grows
 * property by property is copied a dozen times on the way.
 */
const readContact = (item: Readonly<Record<string, unknown>>) => ({
  changeKey: toText(item.changeKey),
  createdDateTime: toText(item.createdDateTime),
  lastModifiedDateTime: toText(item.lastModifiedDateTime),
  parentFolderId: toText(item.parentFolderId),
  displayName: toText(item.displayName),
  title: toText(item.title),
  givenName: toText(item.givenName),
  middleName: toText(item.middleName),
  surname: toText(item.surname),
  generation: toText(item.generation),
  nickName: toText(item.nickName),
  companyName: toText(item.companyName),
  department: toText(item.department),
  jobTitle: toText(item.jobTitle),
  officeLocation: toText(item.officeLocation),
  profession: toText(item.profession),
  manager: toText(item.manager),
  assistantName: toText(item.assistantName),
  spouseName: toText(item.spouseName),
  businessHomePage: toText(item.businessHomePage),
  personalNotes: toText(item.personalNotes),
  birthday: toText(item.birthday),
  mobilePhone: toText(item.mobilePhone),
  emailAddresses: toEmails(item.emailAddresses),
  businessPhones: toTexts(item.businessPhones),
  homePhones: toTexts(item.homePhones),
  businessAddress: toAddress(item.businessAddress),
  homeAddress: toAddress(item.homeAddress),
  otherAddress: toAddress(item.otherAddress),
  categories: toTexts(item.categories),
  singleValueExtendedProperties: toExtended(item.singleValueExtendedProperties),
});

type ContactProperties = Partial<ReturnType<typeof readContact>>;
export interface WireContact extends ContactProperties {
  id: string;
  '@odata.etag'?: string | undefined;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isFilled = (value: unknown): value is string => typeof value === 'string' && value !== '';

function toText(value: unknown): Maybe<string> {
  return typeof value === 'string' || value === null ? value : undefined;
}

function toTexts(value: unknown): Maybe<readonly string[]> {
  if (value === null) return null;
  const isList = Array.isArray(value) && value.every((member) => typeof member === 'string');
  return isList ? (value as readonly string[]) : undefined;
}

function toAddress(value: unknown): Maybe<WireAddress> {
  if (value === null) return null;
  if (!isObject(value)) return undefined;
  const address: { -readonly [part in keyof WireAddress]: WireAddress[part] } = {};
  for (const part of ADDRESS_PARTS) address[part] = toText(value[part]);
  return address;
}

function toEmails(value: unknown): Maybe<readonly WireEmail[]> {
  if (value === null) return null;
  if (!Array.isArray(value)) return undefined;
  return value.map((item: unknown) =>
    isObject(item) ? { address: toText(item.address), name: toText(item.name) } : {},
  );
}

function toExtended(value: unknown): readonly WireExtended[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items = value.flatMap((item: unknown): WireExtended[] =>
    isObject(item) &&
    typeof item.id === 'string' &&
    (item.value === undefined || toText(item.value) !== undefined)
      ? [{ id: item.id, value: toText(item.value) }]
      : [],
  );
  return items.length === value.length ? items : undefined;
}

/**
 * One contact as the service shows it; undefined for what has no id. Read by hand: of a large mailbox each contact passes here
 * several times, and thirty lenient schemas make some hundred objects of each.
 */
export function toWireContact(item: unknown): WireContact | undefined {
  if (!isObject(item) || !isFilled(item.id)) return undefined;
  const etag = item['@odata.etag'];
  return { id: item.id, '@odata.etag': isFilled(etag) ? etag : undefined, ...readContact(item) };
}

/** The same as a schema. */
export const WireContact = z.unknown().transform((item, context): WireContact => {
  const contact = toWireContact(item);
  if (contact !== undefined) return contact;
  context.addIssue({ code: 'custom', message: 'no contact: it has no id' });
  return z.NEVER;
});

const { singleValueExtendedProperties: _expanded, ...selected } = readContact({});

/** Everything that is read of a contact; `id` and the etag come with any `$select`. */
export const CONTACT_SELECT = Object.keys(selected).join(',');

/** The folder that a contact stands in, whatever else its answer holds. */
export const WireInFolder = z.object({ parentFolderId: Text });

const Link = z.string().min(1).optional();

/** A page of any collection. The items are looked at one by one. */
export const WirePage = z.object({
  value: z.array(z.unknown()),
  '@odata.nextLink': Link,
  '@odata.deltaLink': Link,
  '@odata.count': z.number().optional().catch(undefined),
});
export type WirePage = z.output<typeof WirePage>;

/** Undefined for what is no report of a removal. */
export function removedId(item: unknown): string | undefined {
  return isObject(item) && item['@removed'] !== undefined && isFilled(item.id) ? item.id : undefined;
}

export const WireFolder = z.object({ id: z.string().min(1), displayName: Text, parentFolderId: Text });
export type WireFolder = z.output<typeof WireFolder>;

export const WireUser = z.object({
  id: z.string().min(1),
  displayName: Text,
  mail: Text,
  userPrincipalName: Text,
  employeeId: Text,
});

export const WireMember = z.object({ id: z.string().min(1) });
export type WireUser = z.output<typeof WireUser>;

export const WireBatch = z.object({ responses: z.array(z.unknown()) });

export const WireBatchAnswer = z.object({
  id: z.string(),
  status: z.number(),
  headers: z.record(z.string(), z.unknown()).optional().catch(undefined),
  body: z.unknown().optional(),
});

interface ErrorNode {
  code?: string | undefined;
  innerError?: ErrorNode | undefined;
}

const ErrorNode: z.ZodType<ErrorNode> = z.lazy(() =>
  z.object({
    code: z.string().optional().catch(undefined),
    innerError: ErrorNode.optional().catch(undefined),
  }),
);

export const WireError = z.object({ error: ErrorNode });
