import type { FieldCatalogue, FieldSpec } from '@tidelock/core';

/** One-line text. The service documents no limits; 255 is what Outlook's own forms take. */
const TEXT_LENGTH = 255;
const NOTES_LENGTH = 32_767;
const CUSTOM_LENGTH = 255;

/** Texts of the wire by catalogue name; here they are the same. */
const TEXTS = {
  title: 'Title',
  givenName: 'First name',
  middleName: 'Middle name',
  surname: 'Last name',
  generation: 'Suffix',
  nickName: 'Nickname',
  companyName: 'Company',
  department: 'Department',
  jobTitle: 'Job title',
  officeLocation: 'Office',
  profession: 'Profession',
  manager: 'Manager',
  assistantName: 'Assistant',
  spouseName: 'Spouse/Partner',
} as const;

export const TEXT_PROPERTIES = Object.keys(TEXTS) as readonly (keyof typeof TEXTS)[];

/** Arrays of the wire whose elements are properties here: position decides which. */
export const EMAIL_SLOTS = ['email1', 'email2', 'email3'] as const;
export const PHONE_SLOTS = {
  businessPhones: ['businessPhone', 'businessPhone2'],
  homePhones: ['homePhone', 'homePhone2'],
} as const;
export const ADDRESS_PROPERTIES = ['businessAddress', 'homeAddress', 'otherAddress'] as const;

export const CUSTOM_PREFIX = 'x:';

const text = (label: string): FieldSpec => ({ type: 'text', label, writable: true, maxLength: TEXT_LENGTH });
const email = (label: string): FieldSpec => ({ type: 'email', label, writable: true, maxLength: 254 });
const phone = (label: string): FieldSpec => ({ type: 'phone', label, writable: true, maxLength: 100 });
const address = (label: string): FieldSpec => ({
  type: 'address',
  label,
  writable: true,
  parts: { street: 255, city: 255, state: 255, postalCode: 64, country: 255 },
});

const OTHERS: FieldCatalogue = {
  businessHomePage: { type: 'url', label: 'Web page address', writable: true, maxLength: TEXT_LENGTH },
  personalNotes: { type: 'multiline', label: 'Notes', writable: true, maxLength: NOTES_LENGTH },
  birthday: { type: 'date', label: 'Birthday', writable: true },
  email1: email('E-mail'),
  email2: email('E-mail 2'),
  email3: email('E-mail 3'),
  businessPhone: phone('Business phone'),
  businessPhone2: phone('Business phone 2'),
  homePhone: phone('Home phone'),
  homePhone2: phone('Home phone 2'),
  mobilePhone: phone('Mobile phone'),
  businessAddress: address('Business address'),
  homeAddress: address('Home address'),
  otherAddress: address('Other address'),
  categories: { type: 'set', label: 'Categories', writable: true, maxLength: TEXT_LENGTH },
};

/** What an Exchange contact can hold; `custom` adds own text properties. */
export function createCatalogue(custom: readonly string[]): FieldCatalogue {
  const catalogue: Record<string, FieldSpec> = {};
  for (const name of TEXT_PROPERTIES) catalogue[name] = text(TEXTS[name]);
  Object.assign(catalogue, OTHERS);
  for (const name of custom) {
    catalogue[`${CUSTOM_PREFIX}${name}`] = {
      type: 'text',
      label: name,
      writable: true,
      maxLength: CUSTOM_LENGTH,
    };
  }
  return Object.freeze(catalogue);
}
