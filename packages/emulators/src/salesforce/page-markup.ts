import { contactPageBody, contactPageScript, type FormField } from '../kit/index.ts';

const FORM_FIELDS: readonly FormField[] = [
  ['FirstName', 'First name', 'text'],
  ['LastName', 'Last name', 'text'],
  ['Email', 'E-mail', 'text'],
  ['Title', 'Title', 'text'],
  ['Department', 'Department', 'text'],
  ['Phone', 'Business phone', 'tel'],
  ['MobilePhone', 'Mobile phone', 'tel'],
  ['HomePhone', 'Home phone', 'tel'],
  ['MailingStreet', 'Street', 'lines'],
  ['MailingPostalCode', 'Postal code', 'text'],
  ['MailingCity', 'City', 'text'],
  ['MailingCountry', 'Country', 'text'],
  ['Birthdate', 'Birthday', 'date'],
  ['Description', 'Description', 'lines'],
];

/** Markup of the contact table and the form to add, change and delete. */
export const PAGE_BODY = contactPageBody({
  fields: FORM_FIELDS,
  required: ['LastName'],
  searches: 'Name, e-mail, title, phone',
  belongsTo: 'Account',
});

export const PAGE_SCRIPT = contactPageScript(`(contact) => ({
  id: contact.Id,
  name: contact.Name,
  title: contact.Title,
  cells: [[contact.AccountName], [contact.Email], [contact.Phone ?? contact.MobilePhone]],
  changedAt: contact.LastModifiedDate.replace('+0000', 'Z'),
  changedBy: contact.ChangedBy,
})`);
