export const stringProperties = [
  'displayName',
  'fileAs',
  'title',
  'givenName',
  'middleName',
  'surname',
  'generation',
  'initials',
  'nickName',
  'yomiGivenName',
  'yomiSurname',
  'yomiCompanyName',
  'companyName',
  'department',
  'jobTitle',
  'officeLocation',
  'profession',
  'manager',
  'assistantName',
  'businessHomePage',
  'spouseName',
  'personalNotes',
  'mobilePhone',
] as const;

export const addressProperties = ['businessAddress', 'homeAddress', 'otherAddress'] as const;
export const addressFields = ['street', 'city', 'state', 'countryOrRegion', 'postalCode'] as const;

/** String collections and how many values the store holds; more are refused. */
export const listLimits = {
  categories: Number.POSITIVE_INFINITY,
  children: Number.POSITIVE_INFINITY,
  imAddresses: 3,
  businessPhones: 2,
  homePhones: 2,
} as const;

export const emailLimit = 3;
export const emailSlots = ['primaryEmailAddress', 'secondaryEmailAddress', 'tertiaryEmailAddress'] as const;

export type StringProperty = (typeof stringProperties)[number];
export type AddressProperty = (typeof addressProperties)[number];
export type ListProperty = keyof typeof listLimits;

export interface EmailAddress {
  readonly name: string;
  readonly address: string;
}

export type PhysicalAddress = { readonly [field in (typeof addressFields)[number]]?: string };

/** What a person is, without ids, versions and extended properties. Frozen; a write replaces it. */
export type ContactContent = {
  readonly [name in StringProperty]: string | null;
} & {
  readonly [name in ListProperty]: readonly string[];
} & {
  readonly [name in AddressProperty]: PhysicalAddress;
} & {
  /** An instant, `YYYY-MM-DDTHH:MM:SSZ`. */
  readonly birthday: string | null;
  readonly emailAddresses: readonly EmailAddress[];
};

const emptyList: readonly never[] = Object.freeze([]);
const emptyAddress: PhysicalAddress = Object.freeze({});

const buildEmpty = (): ContactContent => {
  const content: Record<string, unknown> = { birthday: null, emailAddresses: emptyList };
  for (const name of stringProperties) content[name] = null;
  for (const name of addressProperties) content[name] = emptyAddress;
  for (const name of Object.keys(listLimits)) content[name] = emptyList;
  return Object.freeze(content) as ContactContent;
};

export const emptyContent: ContactContent = buildEmpty();

const nameParts = ['title', 'givenName', 'middleName', 'surname', 'generation'] as const;

const composeDisplayName = (content: ContactContent): string | null =>
  nameParts
    .map((part) => content[part])
    .filter((text) => text !== null && text !== '')
    .join(' ') || null;

const composeFileAs = (content: ContactContent): string | null => {
  const { surname, givenName } = content;
  if (surname && givenName) return `${surname}, ${givenName}`;
  return surname || givenName || content.displayName || content.companyName || null;
};

/**
 * Content after a write. `displayName` is generated anew when another name part changes and it is not part of the
 * same write; `fileAs` follows the names until somebody sets it.
 */
export function applyContent(before: ContactContent, changes: Partial<ContactContent>): ContactContent {
  const after = { ...before, ...changes };
  const renamed = nameParts.some((part) => after[part] !== before[part]);
  if (renamed && !('displayName' in changes)) after.displayName = composeDisplayName(after);
  if (!('fileAs' in changes) && before.fileAs === composeFileAs(before)) after.fileAs = composeFileAs(after);
  return Object.freeze(after);
}
