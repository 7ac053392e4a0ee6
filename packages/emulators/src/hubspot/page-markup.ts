import { contactPageScript } from '../kit/index.ts';

const FORM_FIELDS: readonly (readonly [string, string, string])[] = [
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

const inputs = FORM_FIELDS.map(([name, label, type]) => {
  const attributes = `name="${name}" autocomplete="off"`;
  const input =
    type === 'lines'
      ? `<textarea ${attributes} rows="2"></textarea>`
      : `<input type="${type}" ${attributes}>`;
  return `<label class="field">${label}${input}</label>`;
}).join('\n');

/** Markup of the contact table and the form to add, change and delete. */
export const PAGE_BODY = `
<section class="panel" aria-label="Contacts">
<div class="toolbar">
<label class="grow">Search<input id="search" type="search" placeholder="Name, e-mail, company, title" autocomplete="off"></label>
<button id="add" class="primary" type="button">Add contact</button>
</div>
<div class="scroll"><table>
<thead><tr><th scope="col">Name</th><th scope="col">Company</th><th scope="col">E-mail</th><th scope="col">Phone</th>
<th scope="col">Changed</th></tr></thead>
<tbody id="rows"></tbody></table>
<p id="empty" class="empty" hidden>No contacts here yet. They appear as soon as they are written.</p></div>
<div class="status" id="status" role="status" aria-live="polite"></div>
</section>
<dialog id="dialog" aria-labelledby="heading"><form id="form" method="dialog">
<h2 id="heading">Contact</h2>
<div class="grid">
${inputs}
</div>
<p id="problem" class="error" role="alert"></p>
<div class="actions"><button id="delete" class="danger" type="button">Delete</button>
<button id="cancel" type="button">Cancel</button><button class="primary" type="submit">Save</button></div>
</form></dialog>
`;

export const PAGE_SCRIPT = contactPageScript(`(contact) => ({
  id: contact.id,
  name: [contact.firstname, contact.lastname].filter(Boolean).join(' ') || contact.email || contact.id,
  title: contact.jobtitle,
  cells: [[contact.company, contact.owner], [contact.email], [contact.phone ?? contact.mobilephone]],
  changedAt: contact.lastmodifieddate,
  changedBy: contact.changedBy,
})`);
