/** One event as the page of a CRM shows it. */
export interface EventShown {
  readonly id: string;
  readonly subject: string;
  /** As people read it: a moment in ISO 8601, or a date for all-day events. */
  readonly start: string;
  readonly end: string;
  readonly where: string;
  /** Whose it is. */
  readonly owner: string;
  readonly people: readonly string[];
  /** `series`, `private`, `invitee's copy` and the like. */
  readonly marks: readonly string[];
}

export interface EventsShown {
  readonly total: number;
  /** The next and latest first, no more than the page holds. */
  readonly events: readonly EventShown[];
}

/** Markup of a table of events; `eventPanelScript` brings it to life. */
export const eventPanelBody = `
<section class="panel" aria-label="Events" style="margin-top:20px">
<div class="scroll"><table>
<thead><tr><th scope="col">Event</th><th scope="col">Start</th><th scope="col">End</th><th scope="col">Where</th>
<th scope="col">People</th></tr></thead>
<tbody id="events"></tbody></table>
<p id="no-events" class="empty" hidden>No events here yet. They appear as soon as they are written.</p></div>
<div class="status" id="events-status" role="status" aria-live="polite"></div>
</section>
`;

/** Script of the table: looks once a second and marks rows that came or changed since the last look. */
export const eventPanelScript = `
{
let version = '', known = null;
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
const when = (text) => text.length === 10 ? text : new Date(text).toLocaleString();
const look = async () => {
  const state = await (await fetch('/_emulator/events?since=' + version)).json();
  if (state.unchanged) return;
  version = String(state.version);
  const seen = new Map();
  document.getElementById('events').replaceChildren(...state.events.map((event) => {
    const tr = document.createElement('tr');
    const key = JSON.stringify(event);
    seen.set(event.id, key);
    if (known && known.get(event.id) !== key) tr.className = 'fresh';
    tr.append(cell(event.subject || '(no subject)', event.marks.join(', ')), cell(when(event.start)), cell(when(event.end)),
      cell(event.where), cell(event.people.join(', '), event.owner));
    return tr;
  }));
  known = seen;
  document.getElementById('no-events').hidden = state.events.length > 0;
  const shown = state.events.length < state.total ? ', ' + state.events.length + ' shown' : '';
  document.getElementById('events-status').textContent = state.total + ' events' + shown;
};
const poll = async () => {
  try { await look(); } catch { document.getElementById('events-status').textContent = 'The emulator does not answer.'; }
  setTimeout(poll, 1000);
};
poll();
}
`;
