/** Browser script of the address-book page: polls a version number, redraws and highlights what changed. */
export const pageScript = `
const $ = (id) => document.getElementById(id);
const state = { user: '', version: '', keys: new Map(), fresh: new Map(), editing: null };
const pollMs = 250;
const freshMs = 4000;

const call = async (path, options) => {
  const answer = await fetch('/_emulator/' + path, options);
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error);
  return body;
};
const edit = (method, contact) => call('contacts', {
  method,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ user: state.user, id: state.editing?.immutableId, contact }),
});

const cell = (text, sub) => {
  const td = document.createElement('td');
  td.textContent = text || '';
  if (sub) {
    const line = document.createElement('div');
    line.className = 'sub';
    line.textContent = sub;
    td.append(line);
  }
  return td;
};
const toRow = (contact, folders) => {
  const tr = document.createElement('tr');
  const name = document.createElement('td');
  const who = document.createElement('div');
  who.className = 'who';
  const avatar = document.createElement('span');
  avatar.className = 'avatar';
  avatar.setAttribute('aria-hidden', 'true');
  const label = contact.displayName || contact.companyName || '(no name)';
  avatar.textContent = label.split(' ').map((word) => word[0]).join('').slice(0, 2).toUpperCase();
  const text = document.createElement('div');
  const open = document.createElement('button');
  open.type = 'button';
  open.className = 'link';
  open.textContent = label;
  open.addEventListener('click', () => openEditor(contact));
  text.append(open);
  who.append(avatar, text);
  name.append(who);
  const folder = folders.get(contact.folderId);
  if (folder && folder !== 'Contacts') {
    const line = document.createElement('div');
    line.className = 'sub';
    line.textContent = 'in ' + folder;
    text.append(line);
  }
  const [first, ...others] = contact.emailAddresses.map((email) => email.address);
  const changed = cell(new Date(contact.lastModifiedDateTime).toLocaleString());
  changed.className = 'num';
  tr.append(name, cell(contact.companyName, contact.jobTitle), cell(first, others.join(', ')),
    cell(contact.mobilePhone || contact.businessPhones[0]), changed);
  return tr;
};

const draw = (page, isFirst) => {
  const folders = new Map(page.folders.map((folder) => [folder.id, folder.displayName]));
  const seen = new Map();
  const rows = page.rows.map((contact) => {
    const row = toRow(contact, folders);
    const before = state.keys.get(contact.immutableId);
    if (!isFirst && before !== contact.changeKey) state.fresh.set(contact.immutableId, Date.now());
    const age = Date.now() - (state.fresh.get(contact.immutableId) ?? 0);
    if (age < freshMs) {
      row.classList.add('fresh');
      row.style.animationDelay = -age + 'ms';
    } else state.fresh.delete(contact.immutableId);
    seen.set(contact.immutableId, contact.changeKey);
    return row;
  });
  state.keys = isFirst ? seen : new Map([...state.keys, ...seen]);
  const focused = document.activeElement?.textContent;
  const hadFocus = $('rows').contains(document.activeElement);
  $('rows').replaceChildren(...rows);
  if (hadFocus) [...$('rows').querySelectorAll('button')].find((button) => button.textContent === focused)?.focus();
  $('empty').hidden = rows.length > 0;
  const cut = page.found > page.rows.length ? ', the first ' + page.rows.length + ' shown' : '';
  $('status').textContent = page.found + ' of ' + page.total + ' people' + cut;
};

const refresh = async (isFirst) => {
  if (!state.user) return;
  const query = new URLSearchParams({
    user: state.user, since: isFirst ? '' : state.version, search: $('search').value, sort: $('sort').value,
  });
  const page = await call('contacts?' + query);
  if (page.rows) draw(page, isFirst);
  state.version = String(page.version);
};
const report = (error) => { $('status').textContent = 'No answer from the emulator: ' + error.message; };
const show = () => refresh(true).catch(report);
const poll = () => refresh(false).catch(report).finally(() => setTimeout(poll, pollMs));

const fields = () => Object.fromEntries([...new FormData($('form'))].map(([name, text]) => [name, text.trim()]));
const openEditor = (contact) => {
  state.editing = contact;
  const form = $('form');
  form.reset();
  const address = contact?.businessAddress ?? {};
  const values = { ...contact, ...address, email1: contact?.emailAddresses[0]?.address,
    email2: contact?.emailAddresses[1]?.address, businessPhone: contact?.businessPhones[0],
    birthday: contact?.birthday?.slice(0, 10) };
  for (const input of form.elements) if (input.name) input.value = values[input.name] ?? '';
  $('editor-title').textContent = contact ? 'Edit person' : 'Add person';
  $('remove').hidden = !contact;
  $('problem').hidden = true;
  $('editor').showModal();
};
const toContact = () => {
  const text = fields();
  const before = state.editing;
  const kept = before?.emailAddresses.slice(2) ?? [];
  const named = (address) => before?.emailAddresses.find((email) => email.address === address) ?? { address };
  const contact = {
    emailAddresses: [text.email1, text.email2].filter(Boolean).map(named).concat(kept),
    businessPhones: [text.businessPhone].filter(Boolean).concat(before?.businessPhones.slice(1) ?? []),
    businessAddress: { ...before?.businessAddress, street: text.street || null, city: text.city || null,
      postalCode: text.postalCode || null },
  };
  for (const name of ['givenName', 'surname', 'companyName', 'jobTitle', 'mobilePhone', 'personalNotes']) {
    contact[name] = text[name] || null;
  }
  if (text.birthday !== (before?.birthday?.slice(0, 10) ?? '')) {
    contact.birthday = text.birthday ? text.birthday + 'T00:00:00Z' : null;
  }
  return contact;
};
const attempt = async (act) => {
  try {
    await act();
    $('editor').close();
    await refresh(false);
  } catch (error) {
    $('problem').textContent = error.message;
    $('problem').hidden = false;
  }
};

$('form').addEventListener('submit', (event) => {
  event.preventDefault();
  attempt(() => edit(state.editing ? 'PATCH' : 'POST', toContact()));
});
$('remove').addEventListener('click', () => attempt(() => edit('DELETE')));
$('cancel').addEventListener('click', () => $('editor').close());
$('add').addEventListener('click', () => openEditor(null));
$('search').addEventListener('input', show);
$('sort').addEventListener('change', show);
$('mailbox').addEventListener('change', () => {
  state.user = $('mailbox').value;
  history.replaceState(null, '', '#' + state.user);
  show();
});

const { mailboxes } = await call('mailboxes');
for (const box of mailboxes) {
  const label = box.displayName + ' (' + box.mail + ', ' + box.tenant + ')';
  $('mailbox').append(new Option(label, box.id));
}
const wanted = location.hash.slice(1);
state.user = mailboxes.some((box) => box.id === wanted) ? wanted : (mailboxes[0]?.id ?? '');
$('mailbox').value = state.user;
if (!state.user) $('status').textContent = 'This emulator has no mailbox yet.';
await show();
poll();
`;
