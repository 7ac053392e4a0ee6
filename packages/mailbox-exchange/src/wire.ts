import { z } from 'zod';

// Lenient on purpose: unknown members are ignored, and a property of an unexpected type reads as absent, which the
// contract takes for "unknown", never for "blank".
const Text = z.string().nullable().optional().catch(undefined);
const Texts = z.array(z.string()).nullable().optional().catch(undefined);

const WireAddress = z
  .object({ street: Text, city: Text, state: Text, countryOrRegion: Text, postalCode: Text })
  .nullable()
  .optional()
  .catch(undefined);

const WireEmail = z.object({ address: Text, name: Text });
export type WireEmail = z.output<typeof WireEmail>;

export const WireContact = z.object({
  id: z.string().min(1),
  '@odata.etag': z.string().min(1).optional().catch(undefined),
  changeKey: Text,
  createdDateTime: Text,
  lastModifiedDateTime: Text,
  parentFolderId: Text,
  displayName: Text,
  title: Text,
  givenName: Text,
  middleName: Text,
  surname: Text,
  generation: Text,
  nickName: Text,
  companyName: Text,
  department: Text,
  jobTitle: Text,
  officeLocation: Text,
  profession: Text,
  manager: Text,
  assistantName: Text,
  spouseName: Text,
  businessHomePage: Text,
  personalNotes: Text,
  birthday: Text,
  mobilePhone: Text,
  emailAddresses: z.array(WireEmail.catch({})).nullable().optional().catch(undefined),
  businessPhones: Texts,
  homePhones: Texts,
  businessAddress: WireAddress,
  homeAddress: WireAddress,
  otherAddress: WireAddress,
  categories: Texts,
  singleValueExtendedProperties: z
    .array(z.object({ id: z.string(), value: z.string().nullable().optional() }))
    .optional()
    .catch(undefined),
});
export type WireContact = z.output<typeof WireContact>;

/** Everything that is read of a contact; `id` and the etag come with any `$select`. */
export const CONTACT_SELECT = Object.keys(WireContact.shape)
  .filter((name) => !['id', '@odata.etag', 'singleValueExtendedProperties'].includes(name))
  .join(',');

const Link = z.string().min(1).optional();

/** A page of any collection. The items are looked at one by one. */
export const WirePage = z.object({
  value: z.array(z.unknown()),
  '@odata.nextLink': Link,
  '@odata.deltaLink': Link,
  '@odata.count': z.number().optional().catch(undefined),
});
export type WirePage = z.output<typeof WirePage>;

export const WireRemoved = z.object({ id: z.string().min(1), '@removed': z.unknown() });

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
  body: z.unknown(),
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
