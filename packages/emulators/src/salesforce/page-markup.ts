import { contactPageScript } from '../kit/index.ts';

const FORM_FIELDS: readonly (readonly [string, string, string])[] = [
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

const inputs = FORM_FIELDS.map(([name, label, type]) => {
  const attributes = `name="${name}" autocomplete="off"${name === 'LastName' ? ' required' : ''}`;
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
<label class="grow">Search<input id="search" type="search" placeholder="Name, e-mail, title, phone" autocomplete="off"></label>
<button id="add" class="primary" type="button">Add contact</button>
</div>
<div class="scroll"><table>
<thead><tr><th scope="col">Name</th><th scope="col">Account</th><th scope="col">E-mail</th><th scope="col">Phone</th>
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
  id: contact.Id,
  name: contact.Name,
  title: contact.Title,
  cells: [[contact.AccountName], [contact.Email], [contact.Phone ?? contact.MobilePhone]],
  changedAt: contact.LastModifiedDate.replace('+0000', 'Z'),
  changedBy: contact.ChangedBy,
})`);
