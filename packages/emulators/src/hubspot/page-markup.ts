import { contactPageBody, contactPageScript, type FormField } from '../kit/index.ts';

const FORM_FIELDS: readonly FormField[] = [
  ['firstname', 'First name', 'text'],
  ['lastname', 'Last name', 'text'],
  ['email', 'E-mail', 'text'],
  ['jobtitle', 'Job title', 'text'],
  ['company', 'Company', 'text'],
  ['phone', 'Phone', 'tel'],
  ['mobilephone', 'Mobile phone', 'tel'],
  ['fax', 'Fax', 'tel'],
  ['address', 'Street', 'lines'],
  ['zip', 'Postal code', 'text'],
  ['city', 'City', 'text'],
  ['state', 'State', 'text'],
  ['country', 'Country', 'text'],
  ['website', 'Web page', 'text'],
  ['date_of_birth', 'Date of birth', 'text'],
];

/** Markup of the contact table and the form to add, change and delete. */
export const PAGE_BODY = contactPageBody({
  fields: FORM_FIELDS,
  searches: 'Name, e-mail, company, title',
  belongsTo: 'Company',
});

export const PAGE_SCRIPT = contactPageScript(`(contact) => ({
  id: contact.id,
  name: [contact.firstname, contact.lastname].filter(Boolean).join(' ') || contact.email || contact.id,
  title: contact.jobtitle,
  cells: [[contact.company, contact.owner], [contact.email], [contact.phone ?? contact.mobilephone]],
  changedAt: contact.lastmodifieddate,
  changedBy: contact.changedBy,
})`);
