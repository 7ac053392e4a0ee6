/** One value of a contact: its name in the back end, what people call it, and how it is typed. */
export type FormField = readonly [name: string, label: string, type: 'text' | 'tel' | 'date' | 'lines'];

export interface ContactForm {
  readonly fields: readonly FormField[];
  /** Names of fields that must not be blank. */
  readonly required?: readonly string[];
  /** What the search looks at. */
  readonly searches: string;
  /** Heading of the second column, beside the name: where the contact belongs. */
  readonly belongsTo: string;
}

function inputOf([name, label, type]: FormField, required: readonly string[]): string {
  const attributes = `name="${name}" autocomplete="off"${required.includes(name) ? ' required' : ''}`;
  const input =
    type === 'lines'
      ? `<textarea ${attributes} rows="2"></textarea>`
      : `<input type="${type}" ${attributes}>`;
  return `<label class="field">${label}${input}</label>`;
}

/** Markup of a table of contacts and a form to add, change and delete them; `contactPageScript` brings it to life. */
export const contactPageBody = ({ fields, required = [], searches, belongsTo }: ContactForm): string => `
<section class="panel" aria-label="Contacts">
<div class="toolbar">
<label class="grow">Search<input id="search" type="search" placeholder="${searches}" autocomplete="off"></label>
<button id="add" class="primary" type="button">Add contact</button>
</div>
<div class="scroll"><table>
<thead><tr><th scope="col">Name</th><th scope="col">${belongsTo}</th><th scope="col">E-mail</th><th scope="col">Phone</th>
<th scope="col">Changed</th></tr></thead>
<tbody id="rows"></tbody></table>
<p id="empty" class="empty" hidden>No contacts here yet. They appear as soon as they are written.</p></div>
<div class="status" id="status" role="status" aria-live="polite"></div>
</section>
<dialog id="dialog" aria-labelledby="heading"><form id="form" method="dialog">
<h2 id="heading">Contact</h2>
<div class="grid">
${fields.map((field) => inputOf(field, required)).join('\n')}
</div>
<p id="problem" class="error" role="alert"></p>
<div class="actions"><button id="delete" class="danger" type="button">Delete</button>
<button id="cancel" type="button">Cancel</button><button class="primary" type="submit">Save</button></div>
</form></dialog>
`;
