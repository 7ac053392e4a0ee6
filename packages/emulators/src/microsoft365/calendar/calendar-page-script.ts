/** Browser script of the calendar page. Follows pageScript, whose names it uses. */
export const calendarPageScript = `
{
const view = { version: '', today: '', timeZone: '', editing: null, from: '' };
const windowDays = 28;

const plusDays = (day, days) => {
  const date = new Date(day + 'T00:00:00Z');
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
};
const dayName = (day) => new Date(day + 'T00:00:00Z')
  .toLocaleDateString(undefined, { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' });
const whenOf = (row) => {
  const [day, time] = row.start.split('T');
  const [lastDay, until] = row.end.split('T');
  if (row.isAllDay) {
    const last = plusDays(lastDay, -1);
    return [dayName(day) + (last === day ? '' : ' to ' + dayName(last)), 'whole day'];
  }
  return [dayName(day), time + ' to ' + (lastDay === day ? '' : dayName(lastDay) + ' ') + until];
};
const kindOf = (row) => [
  row.isCancelled ? 'cancelled' : row.isOrganizer ? 'organizer' : row.response,
  row.isSeries ? (row.isException ? 'changed date' : 'series') : '',
  row.isOnline ? 'online' : '',
  row.sensitivity === 'normal' ? '' : row.sensitivity,
].filter(Boolean).join(', ');

const toMeeting = (row) => {
  const tr = document.createElement('tr');
  const [day, hours] = whenOf(row);
  const what = cell('', row.calendar && 'in ' + row.calendar);
  const open = document.createElement('button');
  open.type = 'button';
  open.className = 'link';
  open.textContent = row.subject || '(no subject)';
  open.addEventListener('click', () => openMeeting(row));
  what.prepend(open);
  const who = row.attendees.map((each) => each.address + (each.response === 'none' ? '' : ' (' + each.response + ')'));
  tr.append(cell(day, hours), what, cell(row.location), cell(row.isOrganizer ? '' : row.organizer, who.join(', ')),
    cell(kindOf(row)));
  return tr;
};
const toMail = (mail) => {
  const tr = document.createElement('tr');
  const time = cell(new Date(mail.at).toLocaleString());
  time.className = 'num';
  tr.append(cell(mail.to), cell(mail.kind), cell(mail.subject, mail.day && 'date of ' + mail.day),
    cell(mail.by === 'app' ? 'an application' : 'a person'), time);
  return tr;
};

const drawCalendar = (page) => {
  view.today = page.today;
  view.timeZone = page.timeZone;
  if (!view.from) view.from = page.today;
  $('from').value = view.from;
  $('meetings').replaceChildren(...page.rows.map(toMeeting));
  $('free').hidden = page.rows.length > 0;
  const cut = page.found > page.rows.length ? ', the first ' + page.rows.length + ' shown' : '';
  $('calendar-status').textContent = page.found + ' meetings in four weeks' + cut + ', ' + page.timeZone;
  const { total, latest } = page.mails;
  $('mail-badge').textContent = String(total);
  $('mail-count').textContent = total === 0 ? 'No e-mail has left' : total + ' e-mails have left';
  $('mails').replaceChildren(...latest.map(toMail));
};
const refreshCalendar = async (isFirst) => {
  if (!state.user) return;
  const query = new URLSearchParams({ user: state.user, since: isFirst ? '' : view.version, days: String(windowDays) });
  if (view.from) query.set('from', view.from);
  const page = await call('calendar?' + query);
  if (page.rows) drawCalendar(page);
  view.version = page.version;
};
const showCalendar = () => refreshCalendar(true).catch(report);
const pollCalendar = () => refreshCalendar(false).catch(report).finally(() => setTimeout(pollCalendar, pollMs));

const send = (method, edit) => call('calendar', {
  method,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ user: state.user, ...edit }),
});
const form = $('meeting-form');
const field = (name) => form.elements.namedItem(name);
const isWhole = () => Boolean(view.editing?.masterId) && form.elements.scope.value === 'series';
const target = () => (isWhole() ? view.editing.masterId : view.editing?.id);
// The times that the form began with: of the date, or of the first date of its series.
const timesBefore = () => (isWhole() ? view.editing.series : view.editing);
const warn = () => {
  const row = view.editing;
  const people = field('attendees').value.split(',').filter((each) => each.trim() !== '').length;
  $('warning').textContent = row && !row.isOrganizer ? 'Organized by ' + row.organizer + '.'
    : people > 0 ? 'Saving tells ' + people + (people === 1 ? ' person' : ' people') + ' by e-mail.' : '';
};
const openMeeting = (row) => {
  view.editing = row;
  form.reset();
  const day = view.from < view.today ? view.today : view.from;
  const values = { subject: row?.subject ?? '', location: row?.location ?? '', start: row?.start ?? day + 'T10:00',
    end: row?.end ?? day + 'T11:00', text: row?.text ?? '',
    attendees: (row?.attendees ?? []).map((each) => each.address).join(', ') };
  for (const [name, value] of Object.entries(values)) field(name).value = value;
  field('isAllDay').checked = row?.isAllDay ?? false;
  field('repeats').disabled = row !== null;
  const mine = row === null || row.isOrganizer;
  for (const name of ['subject', 'location', 'start', 'end', 'text', 'attendees', 'isAllDay'])
    field(name).disabled = !mine;
  $('scope').hidden = !row?.isSeries;
  $('meeting-title').textContent = row === null ? 'New meeting' : mine ? 'Change meeting' : 'Invitation';
  $('call-off').hidden = row === null;
  $('call-off').textContent = mine ? 'Cancel meeting' : 'Remove';
  $('answers').hidden = mine || row.isCancelled;
  $('save-meeting').hidden = !mine;
  $('meeting-problem').hidden = true;
  warn();
  $('meeting').showModal();
};

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const recurrenceOf = (type, start) => {
  const date = new Date(start.slice(0, 10) + 'T00:00:00Z');
  const own = type === 'weekly' ? { daysOfWeek: [weekdays[date.getUTCDay()]] }
    : type === 'daily' ? {} : { dayOfMonth: date.getUTCDate() };
  return { pattern: { type, interval: 1, ...own }, range: { type: 'noEnd', startDate: start.slice(0, 10) } };
};
const toEvent = () => {
  const row = view.editing;
  const isAllDay = field('isAllDay').checked;
  const time = (text) => ({ dateTime: isAllDay ? text.slice(0, 10) + 'T00:00' : text, timeZone: view.timeZone });
  const start = field('start').value;
  const end = field('end').value;
  const event = { subject: field('subject').value.trim() };
  const differs = (name, was) => !row || field(name).value.trim() !== was;
  if (differs('location', row?.location)) event.location = { displayName: field('location').value.trim() };
  if (differs('text', row?.text)) event.body = { contentType: 'text', content: field('text').value };
  if (differs('start', timesBefore()?.start) || differs('end', timesBefore()?.end) || isAllDay !== (row?.isAllDay ?? false)) {
    const isSame = isAllDay && end.slice(0, 10) <= start.slice(0, 10);
    Object.assign(event, { start: time(start), end: time(isSame ? plusDays(start.slice(0, 10), 1) : end), isAllDay });
  }
  const people = field('attendees').value.split(',').map((each) => each.trim()).filter(Boolean);
  if (people.join() !== (row?.attendees ?? []).map((each) => each.address).join())
    event.attendees = people.map((address) => ({ emailAddress: { address } }));
  if (!row && field('repeats').value) event.recurrence = recurrenceOf(field('repeats').value, start);
  if (row && event.subject === row.subject) delete event.subject;
  return event;
};
const attemptMeeting = async (act) => {
  try {
    await act();
    $('meeting').close();
    await refreshCalendar(false);
  } catch (error) {
    $('meeting-problem').textContent = error.message;
    $('meeting-problem').hidden = false;
  }
};

form.addEventListener('submit', (event) => {
  event.preventDefault();
  attemptMeeting(() => send(view.editing ? 'PATCH' : 'POST', { id: target(), event: toEvent() }));
});
form.addEventListener('input', warn);
for (const choice of form.elements.scope)
  choice.addEventListener('change', () => {
    for (const name of ['start', 'end']) field(name).value = timesBefore()[name];
  });
$('call-off').addEventListener('click', () => attemptMeeting(() => send('DELETE', { id: target() })));
$('close-meeting').addEventListener('click', () => $('meeting').close());
for (const button of $('answers').querySelectorAll('button'))
  button.addEventListener('click', () =>
    attemptMeeting(() => send('POST', { id: target(), response: button.dataset.response })));
$('meet').addEventListener('click', () => openMeeting(null));
const move = (days) => {
  view.from = plusDays(view.from || view.today, days);
  showCalendar();
};
$('earlier').addEventListener('click', () => move(-windowDays));
$('later').addEventListener('click', () => move(windowDays));
$('from').addEventListener('change', () => {
  view.from = $('from').value || view.today;
  showCalendar();
});

const views = { people: $('people'), calendar: $('calendar'), mail: $('mail') };
const buttons = [...document.querySelectorAll('[data-view]')];
const choose = (name) => {
  for (const [key, panel] of Object.entries(views)) panel.hidden = key !== name;
  for (const button of buttons) button.setAttribute('aria-pressed', String(button.dataset.view === name));
};
for (const button of buttons) button.addEventListener('click', () => choose(button.dataset.view));
for (const option of $('mailbox').options) $('owner').append(new Option(option.text, option.value));
const follow = (from, to) => {
  to.value = from.value;
};
$('owner').value = state.user;
$('owner').addEventListener('change', () => {
  follow($('owner'), $('mailbox'));
  $('mailbox').dispatchEvent(new Event('change'));
});
$('mailbox').addEventListener('change', () => {
  follow($('mailbox'), $('owner'));
  showCalendar();
});
await showCalendar();
pollCalendar();
}
`;
