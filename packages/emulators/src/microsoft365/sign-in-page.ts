import { escapeHtml, renderPage } from '../kit/page.ts';
import type { AppRegistration, Tenant, User } from './world.ts';

const page = (title: string, subtitle: string, bodyHtml: string): string =>
  renderPage({ title, subtitle, bodyHtml, script: '' });

const field = (label: string, name: string, type: string): string =>
  `<label class="field">${label}<input name="${name}" type="${type}" autocomplete="off"></label>`;

/** A form without an action: it goes where the page came from. */
export function signInPage(app: AppRegistration, hint: string): string {
  return page(
    'Sign in',
    `to ${app.displayName}`,
    `<div class="panel"><form method="post"><div class="grid">
${field('Account', 'login', 'text').replace('<input', `<input value="${escapeHtml(hint)}"`)}
${field('Password', 'password', 'password')}</div>
<div class="actions"><button class="primary" name="act" value="sign-in">Sign in</button></div></form></div>`,
  );
}

export function consentPage(of: {
  readonly app: AppRegistration;
  readonly user: User;
  readonly tenant: Tenant;
}): string {
  const { app, user, tenant } = of;
  const roles = [...app.requiredRoles].sort().map((role) => `<li>${escapeHtml(role)}</li>`);
  return page(
    'Permissions requested',
    `for ${tenant.displayName}`,
    `<div class="panel"><form method="post"><p>${escapeHtml(user.userPrincipalName)}</p>
<p><strong>${escapeHtml(app.displayName)}</strong> would like to, in the whole organisation and without a signed-in user:</p>
<ul>${roles.join('')}</ul>
<div class="actions"><button name="act" value="cancel">Cancel</button>
<button class="primary" name="act" value="accept">Accept</button></div></form></div>`,
  );
}

/** What never comes back to the app: the person reads it here. */
export function errorPage(description: string): string {
  return page('Sorry, but we’re having trouble signing you in.', '', `<p>${escapeHtml(description)}</p>`);
}
