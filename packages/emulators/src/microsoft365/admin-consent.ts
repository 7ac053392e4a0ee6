import { type EntraAnswer, EntraFailure } from './aadsts-failure.ts';
import { consent } from './app-admin.ts';
import { mayConsent } from './directory-roles.ts';
import {
  type PageCall,
  readTenant,
  readWay,
  refusePage,
  requireAdmission,
  sendBack,
  showPage,
  signIn,
  userOf,
  type Way,
} from './sign-in.ts';
import { consentPage, signInPage } from './sign-in-page.ts';
import type { Tenant, User, World } from './world.ts';

interface Asked {
  readonly version: 1 | 2;
  readonly way: Way;
  /** Undefined: the tenant of whoever signs in. */
  readonly wanted: Tenant | undefined;
}

function accept(world: World, asked: Asked, user: User): Tenant {
  const { app } = asked.way;
  const tenant = requireAdmission(world, user, { app, tenant: asked.wanted });
  if (!mayConsent(user.roles)) throw new EntraFailure(90094);
  consent(world, { tenantId: tenant.id, clientId: app.clientId, roles: [...app.requiredRoles] });
  const principal = tenant.principals.get(app.clientId);
  if (principal !== undefined) principal.lag = { ...tenant.pages.lag };
  tenant.pages.lag = { principal: 0, roles: 0 };
  return tenant;
}

function decide(world: World, call: PageCall, of: { asked: Asked; user: User }): EntraAnswer {
  const { asked, user } = of;
  const act = new URLSearchParams(call.body).get('act');
  if (act === 'cancel') throw new EntraFailure(65004);
  const tenant = accept(world, asked, user);
  if (asked.version === 1) return sendBack(asked.way, { tenant: tenant.id, admin_consent: 'True' });
  const scope = call.url.searchParams.get('scope') ?? '';
  return sendBack(asked.way, { admin_consent: 'True', tenant: tenant.id, scope });
}

function readAsked(world: World, call: PageCall, version: 1 | 2): Asked {
  const way = readWay(world, call.url);
  if (version === 2 && call.key === 'common') throw new EntraFailure(900023, "Tenant 'common'.");
  return { version, way, wanted: readTenant(world, call.key, way.app) };
}

/**
 * `/{tenant}/adminconsent` and `/{tenant}/v2.0/adminconsent`. The answers of the second carry `admin_consent=True` also
 * where they are refusals, as the service's do.
 */
export function answerConsent(world: World, call: PageCall, version: 1 | 2): EntraAnswer {
  let asked: Asked | undefined;
  try {
    asked = readAsked(world, call, version);
    if (version === 2 && !call.url.searchParams.get('scope'))
      throw new EntraFailure(900144, "The parameter 'scope' is missing.");
    const form = new URLSearchParams(call.body);
    if (call.method === 'POST' && form.get('act') === 'sign-in') {
      const { cookie } = signIn(world, form);
      return { status: 303, headers: { Location: call.url.href, 'Set-Cookie': cookie }, body: '' };
    }
    const user = userOf(world, call.headers);
    if (user === undefined) return showPage(signInPage(asked.way.app, ''));
    if (call.method === 'POST') return decide(world, call, { asked, user });
    const tenant = asked.wanted ?? world.tenants.get(user.tenantId);
    if (tenant === undefined) throw new EntraFailure(90002);
    return showPage(consentPage({ app: asked.way.app, user, tenant }));
  } catch (error) {
    if (!(error instanceof EntraFailure)) throw error;
    const more: Record<string, string> = version === 2 ? { admin_consent: 'True' } : {};
    return refusePage(world, error, { way: asked?.way, more });
  }
}
