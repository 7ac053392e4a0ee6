/** Markup of the address-book page. */
export const pageBody = `
<section id="people" class="panel" aria-label="Address book">
  <div class="toolbar">
    <label>Mailbox<select id="mailbox"></select></label>
    <label class="grow">Search<input id="search" type="search" placeholder="Name, company, e-mail or phone"
      autocomplete="off"></label>
    <label>Order<select id="sort"><option value="name">By name</option>
      <option value="recent">Latest change first</option></select></label>
    <button id="add" class="primary" type="button">Add person</button>
  </div>
  <div class="scroll" tabindex="0" role="region" aria-label="People">
    <table>
      <caption class="visually-hidden">People in the address book</caption>
      <thead><tr><th scope="col">Name</th><th scope="col">Company</th><th scope="col">E-mail</th>
        <th scope="col">Phone</th><th scope="col">Changed</th></tr></thead>
      <tbody id="rows"></tbody>
    </table>
    <p id="empty" class="empty" hidden>Nobody here yet.</p>
  </div>
  <div id="status" class="status" role="status">Loading</div>
</section>
<dialog id="editor" aria-labelledby="editor-title">
  <form id="form" method="dialog">
    <h2 id="editor-title">Person</h2>
    <div class="grid">
      <label class="field">First name<input name="givenName"></label>
      <label class="field">Last name<input name="surname"></label>
      <label class="field">Company<input name="companyName"></label>
      <label class="field">Job title<input name="jobTitle"></label>
      <label class="field">E-mail<input name="email1" type="email"></label>
      <label class="field">Second e-mail<input name="email2" type="email"></label>
      <label class="field">Mobile phone<input name="mobilePhone" type="tel"></label>
      <label class="field">Business phone<input name="businessPhone" type="tel"></label>
      <label class="field">Birthday<input name="birthday" type="date"></label>
      <label class="field">Street<input name="street"></label>
      <label class="field">City<input name="city"></label>
      <label class="field">Postal code<input name="postalCode"></label>
    </div>
    <label class="field">Notes<textarea name="personalNotes" rows="3"></textarea></label>
    <p id="problem" class="error" role="alert" hidden></p>
    <div class="actions">
      <button id="remove" class="danger" type="button">Delete</button>
      <button id="cancel" type="button">Cancel</button>
      <button class="primary" type="submit">Save</button>
    </div>
  </form>
</dialog>
`;
