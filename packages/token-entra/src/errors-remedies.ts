import type { ErrorKind, Party } from '@tidelock/core';

/**
 * What an error does to a connection. `retry`: nothing. `broken`: this tenant's administrator has to act. `platform` and
 * `bug`: the operator has to, and no tenant's connection changes. `consent`: the consent page shows it, nothing is stored.
 */
export type ErrorState = 'retry' | 'broken' | 'platform' | 'bug' | 'consent';

export interface Advice {
  readonly kind: Extract<ErrorKind, 'auth' | 'rate_limited' | 'unavailable' | 'protocol'>;
  readonly party: Party;
  readonly state: ErrorState;
  readonly remedy: string;
}

const tenant = (remedy: string): Advice => ({ kind: 'auth', party: 'tenant', state: 'broken', remedy });
const operator = (remedy: string): Advice => ({ kind: 'auth', party: 'operator', state: 'platform', remedy });
const bug = (remedy: string): Advice => ({ kind: 'auth', party: 'operator', state: 'bug', remedy });
const consent = (remedy: string): Advice => ({ kind: 'auth', party: 'consent', state: 'consent', remedy });
const service = (remedy: string): Advice => ({
  ...{ kind: 'unavailable', party: 'service', state: 'retry' },
  remedy,
});
const garbled = (remedy: string): Advice => ({
  ...{ kind: 'protocol', party: 'service', state: 'retry' },
  remedy,
});
const throttled = (remedy: string): Advice => ({
  ...{ kind: 'rate_limited', party: 'service', state: 'retry' },
  remedy,
});

export const ADVICE = {
  'certificate-unregistered': operator(
    'Upload the certificate of the newest key to the app registration (Certificates & secrets, Certificates), or name a key there whose certificate is registered.',
  ),
  'certificate-expired': operator(
    'The certificate has expired: create a new key, upload its certificate to the app registration and put its name first in "keys".',
  ),
  'certificate-revoked': operator(
    'The certificate was revoked: create a new key, upload its certificate to the app registration and remove the old one.',
  ),
  'certificate-refused': operator(
    'The signature does not fit the registered certificate: upload the certificate of the key that is in use.',
  ),
  'certificate-mismatch': operator(
    'The key store returned a certificate that does not belong to its key: import key and certificate again as one pair.',
  ),
  'key-missing': operator('No key pair of that name exists: correct "keys" or create the key.'),
  'key-type': operator('Microsoft Entra needs an RSA key of at least 2048 bits: create such a key.'),
  'key-store': operator('The key store refused: check the options and rights of the secrets adapter.'),
  'key-store-down': service('The key store does not answer: check that the secrets adapter reaches it.'),
  clock: operator(
    "The assertion lies outside its time range: correct this machine's clock (time synchronisation) and try again.",
  ),
  'consent-missing': tenant(
    'Run Connect again as Privileged Role Administrator or Global Administrator and grant the permissions; right after consent, wait some minutes first.',
  ),
  'principal-missing': tenant(
    'The application is unknown in this tenant: run Connect again as Privileged Role Administrator or Global Administrator; right after consent, wait some minutes first. Check that client id and cloud are right.',
  ),
  'principal-disabled': tenant(
    'Enable the enterprise application (Properties, Enabled for users to sign in), or confirm that the block is meant.',
  ),
  blocked: tenant('Ask the administrator to look at the enterprise application: access to it is blocked.'),
  resource: tenant(
    'The API is unknown in this tenant: check that the cloud setting fits the tenant, and that Exchange Online is provisioned.',
  ),
  'not-provisioned': tenant(
    'The organisation lacks the service behind the API: check its Exchange Online subscription.',
  ),
  'tenant-not-found': tenant(
    'No such tenant in this cloud: check tenant and cloud setting, then connect again.',
  ),
  'wrong-cloud': tenant(
    'The tenant lives in another national cloud: choose that cloud in the settings and connect again.',
  ),
  'tenant-inactive': tenant(
    'Microsoft blocked the tenant for inactivity: its administrator must reactivate it.',
  ),
  'conditional-access': tenant(
    'A Conditional Access policy of the tenant blocks this application: see its sign-in logs (service principal sign-ins) and allow the address this server calls from.',
  ),
  'role-assignment': tenant('Ask the administrator to grant the application permissions again.'),
  'tenant-restrictions': operator(
    'A proxy on this network adds tenant restrictions: allow the tenant in the outbound proxy.',
  ),
  secret: operator('A client secret is in play: remove it; this adapter proves itself by certificate only.'),
  'public-client': operator('Make the app registration a confidential web application.'),
  federated: operator(
    'No federated credential matches: correct issuer, subject and audience on the app registration; changes take some minutes.',
  ),
  'redirect-uri': bug('Register the exact redirect URI of this installation.'),
  permissions: bug('The registration lacks the permission that is asked for: correct its API permissions.'),
  'tenant-id': bug('The stored tenant id is damaged: connect the tenant again.'),
  scope: bug('The scope must name one resource and end in "/.default": correct the scope.'),
  defect: bug('This request should not have been built: report the code and the request id.'),
  'consent-declined': consent('Nothing was changed. Run Connect again and approve the request.'),
  'consent-role': consent('A Privileged Role Administrator or Global Administrator must approve.'),
  'consent-requested': consent(
    'A request was sent inside the organisation: run Connect again once it is approved.',
  ),
  'consent-account': consent('Sign in with an account of the tenant that is to be connected.'),
  'consent-restart': consent('Start the sign-in again.'),
  'sign-in-invalid': consent(
    'The answer of the sign-in page does not hold, so nothing was stored: run Connect again, in one browser window.',
  ),
  wait: service('Nothing to do: it is tried again by itself.'),
  support: service(
    'It is tried again by itself; if it lasts for a day, ask Microsoft support with the request id.',
  ),
  'directory-failure': service(
    'The directory reports a failure that waiting may not mend: it is tried again once an hour; ask Microsoft support with the request id.',
  ),
  garbled: garbled(
    'Something between this server and the sign-in host seems to answer in its place: check proxy and firewall.',
  ),
  'empty-token': garbled('The sign-in service answered without a token: it is tried again by itself.'),
  network: service('Check DNS, proxy and firewall between this server and the sign-in host.'),
  slow: throttled('Nothing to do: it is tried again after the time the service asked for.'),
  loop: throttled('The same token was asked for too often: report it, a cache is not working.'),
} as const satisfies Record<string, Advice>;

export type AdviceId = keyof typeof ADVICE;
