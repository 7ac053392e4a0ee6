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

/** Polls the version once a second and marks rows that came or changed since the last look. */
export const PAGE_SCRIPT = `
const byId = (id) => document.getElementById(id);
const rows = byId('rows'), dialog = byId('dialog'), form = byId('form');
const names = [...form.elements].map((element) => element.name).filter(Boolean);
let version = '', known = null, editing = null, asked = '';

const cell = (text, sub) => {
  const td = document.createElement('td');
  td.append(text ?? '');
  if (sub) {
    const small = document.createElement('div');
    small.className = 'sub';
    small.textContent = sub;
    td.append(small);
  }
  return td;
};

const draw = (contacts) => {
  const seen = new Map();
  rows.replaceChildren(...contacts.map((contact) => {
    const tr = document.createElement('tr');
    const key = JSON.stringify(contact);
    seen.set(contact.Id, key);
    if (known && known.get(contact.Id) !== key) tr.className = 'fresh';
    const open = document.createElement('button');
    open.type = 'button';
    open.textContent = contact.Name;
    open.setAttribute('aria-label', 'Edit ' + contact.Name);
    open.onclick = () => edit(contact);
    const changed = new Date(contact.LastModifiedDate.replace('+0000', 'Z')).toLocaleString();
    tr.append(cell(open, contact.Title), cell(contact.AccountName), cell(contact.Email),
      cell(contact.Phone ?? contact.MobilePhone), cell(changed, contact.ChangedBy));
    return tr;
  }));
  known = seen;
};

const refresh = async () => {
  const search = byId('search').value;
  if (search !== asked) { asked = search; version = ''; known = null; }
  const query = new URLSearchParams({ search, since: version });
  const state = await (await fetch('/_emulator/contacts?' + query)).json();
  if (state.unchanged) return;
  version = String(state.version);
  draw(state.contacts);
  byId('empty').hidden = state.contacts.length > 0;
  byId('status').textContent = state.found === state.total
    ? state.total + ' contacts' : state.found + ' of ' + state.total + ' contacts';
  if (state.contacts.length < state.found) byId('status').textContent += ', the latest ' + state.contacts.length + ' shown';
};

const edit = (contact) => {
  editing = contact;
  byId('heading').textContent = contact ? contact.Name : 'New contact';
  byId('delete').hidden = !contact;
  byId('problem').textContent = '';
  for (const name of names) form.elements[name].value = contact?.[name] ?? '';
  dialog.showModal();
};

const send = async (method, path, body) => {
  const options = { method, headers: { 'content-type': 'application/json' } };
  if (body) options.body = JSON.stringify(body);
  const response = await fetch('/_emulator/contacts' + path, options);
  if (!response.ok) { byId('problem').textContent = (await response.json()).message; return; }
  dialog.close();
  await refresh();
};

form.onsubmit = (event) => {
  event.preventDefault();
  const fields = {};
  for (const name of names) {
    const value = form.elements[name].value;
    const before = (editing?.[name] ?? '').replaceAll('\\r\\n', '\\n');
    if (value !== before) fields[name] = value === '' ? null : value;
  }
  send(editing ? 'PATCH' : 'POST', editing ? '/' + editing.Id : '', fields);
};
byId('delete').onclick = () => send('DELETE', '/' + editing.Id);
byId('cancel').onclick = () => dialog.close();
byId('add').onclick = () => edit(null);
byId('search').oninput = () => refresh();

const poll = async () => {
  try { await refresh(); } catch { byId('status').textContent = 'The emulator does not answer.'; }
  setTimeout(poll, 1000);
};
poll();
`;
