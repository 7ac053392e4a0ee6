/** Markup of the calendar page: what is on, and the e-mails that it caused. */
export const calendarPageBody = `
<section id="calendar" class="panel" aria-label="Calendar" hidden>
  <div class="toolbar">
    <label>Mailbox<select id="owner"></select></label>
    <label>From<input id="from" type="date"></label>
    <button id="earlier" type="button">Earlier</button>
    <button id="later" type="button">Later</button>
    <span class="grow"></span>
    <button id="meet" class="primary" type="button">New meeting</button>
  </div>
  <div class="scroll" tabindex="0" role="region" aria-label="Meetings">
    <table>
      <caption class="visually-hidden">Meetings in the next four weeks</caption>
      <thead><tr><th scope="col">When</th><th scope="col">What</th><th scope="col">Where</th>
        <th scope="col">Who</th><th scope="col">Kind</th></tr></thead>
      <tbody id="meetings"></tbody>
    </table>
    <p id="free" class="empty" hidden>Nothing in these four weeks.</p>
  </div>
  <div id="calendar-status" class="status" role="status">Loading</div>
</section>
<section id="mail" class="panel" aria-label="E-mails" hidden>
  <div class="toolbar"><strong id="mail-count">No e-mail has left</strong></div>
  <div class="scroll" tabindex="0" role="region" aria-label="E-mails that left">
    <table>
      <caption class="visually-hidden">E-mails that calendars caused, the latest first</caption>
      <thead><tr><th scope="col">To</th><th scope="col">What</th><th scope="col">Meeting</th>
        <th scope="col">Caused by</th><th scope="col">When</th></tr></thead>
      <tbody id="mails"></tbody>
    </table>
  </div>
</section>
<dialog id="meeting" aria-labelledby="meeting-title">
  <form id="meeting-form" method="dialog">
    <h2 id="meeting-title">Meeting</h2>
    <fieldset id="scope" hidden>
      <legend>This is one date of a series</legend>
      <label><input type="radio" name="scope" value="date" checked> Only this date</label>
      <label><input type="radio" name="scope" value="series"> The whole series</label>
    </fieldset>
    <div class="grid">
      <label class="field">Subject<input name="subject" required></label>
      <label class="field">Place<input name="location"></label>
      <label class="field">Starts<input name="start" type="datetime-local" required></label>
      <label class="field">Ends<input name="end" type="datetime-local" required></label>
      <label class="field">Repeats<select name="repeats"><option value="">Never</option>
        <option value="daily">Every day</option><option value="weekly">Every week</option>
        <option value="absoluteMonthly">Every month</option></select></label>
      <label class="field">Whole days<input name="isAllDay" type="checkbox"></label>
    </div>
    <label class="field">Attendees, separated by commas<input name="attendees"></label>
    <label class="field">Text<textarea name="text" rows="3"></textarea></label>
    <p id="warning" class="sub"></p>
    <p id="meeting-problem" class="error" role="alert" hidden></p>
    <div class="actions">
      <button id="call-off" class="danger" type="button">Cancel meeting</button>
      <span id="answers" hidden>
        <button type="button" data-response="accepted">Accept</button>
        <button type="button" data-response="tentativelyAccepted">Perhaps</button>
        <button type="button" data-response="declined">Decline</button>
      </span>
      <button id="close-meeting" type="button">Close</button>
      <button id="save-meeting" class="primary" type="submit">Save</button>
    </div>
  </form>
</dialog>
`;

/** The three views of the page. */
export const viewSwitch = `
<nav class="views" aria-label="Views">
  <button type="button" data-view="people" aria-pressed="true">People</button>
  <button type="button" data-view="calendar" aria-pressed="false">Calendar</button>
  <button type="button" data-view="mail" aria-pressed="false">E-mails <span id="mail-badge">0</span></button>
</nav>
`;
