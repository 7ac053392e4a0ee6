/**
 * Script of a page that lists contacts and edits one: polls the version four times a second and marks rows that came or
 * changed since the last look. `viewOf` is the source of a function from a contact as the page's back end sends it to
 * `{id, name, title, cells: [[text, sub]], changedAt, changedBy}`.
 */
export const contactPageScript = (viewOf: string): string => `
const viewOf = ${viewOf};
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

const withAvatar = (td, name) => {
  const who = document.createElement('div'), text = document.createElement('div');
  const avatar = document.createElement('span');
  who.className = 'who';
  avatar.className = 'avatar';
  avatar.setAttribute('aria-hidden', 'true');
  avatar.textContent = name.split(' ').map((word) => word[0]).join('').slice(0, 2).toUpperCase();
  text.append(...td.childNodes);
  who.append(avatar, text);
  td.append(who);
  return td;
};

const draw = (contacts) => {
  const seen = new Map();
  rows.replaceChildren(...contacts.map((contact) => {
    const tr = document.createElement('tr');
    const key = JSON.stringify(contact);
    const view = viewOf(contact);
    seen.set(view.id, key);
    if (known && known.get(view.id) !== key) tr.className = 'fresh';
    const open = document.createElement('button');
    open.type = 'button';
    open.className = 'link';
    open.textContent = view.name;
    open.setAttribute('aria-label', 'Edit ' + view.name);
    open.onclick = () => edit(contact);
    tr.append(withAvatar(cell(open, view.title), view.name), ...view.cells.map(([text, sub]) => cell(text, sub)),
      cell(new Date(view.changedAt).toLocaleString(), view.changedBy));
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
  byId('heading').textContent = contact ? viewOf(contact).name : 'New contact';
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
  send(editing ? 'PATCH' : 'POST', editing ? '/' + viewOf(editing).id : '', fields);
};
byId('delete').onclick = () => send('DELETE', '/' + viewOf(editing).id);
byId('cancel').onclick = () => dialog.close();
byId('add').onclick = () => edit(null);
byId('search').oninput = () => refresh();

const poll = async () => {
  try { await refresh(); } catch { byId('status').textContent = 'The emulator does not answer.'; }
  setTimeout(poll, 250);
};
poll();
`;
