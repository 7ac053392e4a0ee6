const ENTRA = `Microsoft Entra admin center (https://entra.microsoft.com)
  1. Applications > App registrations > New registration. Name: Tidelock. Accounts in this
     organizational directory only. Redirect URI: Web, http://localhost/connect/return. Register.
  2. The Overview page shows "Application (client) ID". Manifest: set "groupMembershipClaims" to
     "DirectoryRole", so that the sign-in shows who is an administrator.`;

const CRM_FIRST = {
  salesforce: `Salesforce Setup
  3. External Client App Manager > New External Client App. Enable OAuth; scopes "api" and
     "refresh_token, offline_access". Save.
  4. Settings > OAuth Settings > Consumer Key and Secret shows the consumer key.`,
  hubspot: `HubSpot
  3. Settings > Integrations > Private Apps > Create a private app. Scopes: crm.objects.contacts.read,
     crm.objects.contacts.write, crm.objects.owners.read, crm.schemas.contacts.read; and
     crm.schemas.contacts.write, if Tidelock shall create its property. Create app.
  4. The tab Auth shows the access token.`,
} as const;
type Crm = keyof typeof CRM_FIRST;

/** What exists before `tidelock init` can be answered. */
export const firstSteps = (crm: Crm): string =>
  `Before the questions, two registrations (ten minutes, once):\n\n${ENTRA}\n\n${CRM_FIRST[crm]}`;

export interface SetupResult {
  readonly file: string;
  /** `crm`: null where the CRM is signed in to with a token. */
  readonly certificates: { readonly mailbox: string; readonly crm: string | null };
  readonly validUntil: string;
  readonly clientId: string;
  /** The organisation is not known yet: its administrator consents. */
  readonly byConsent: boolean;
}

const salesforceSteps = (certificate: string): string => `
In Salesforce Setup:
  4. External Client App Manager > your app > Settings > OAuth Settings > Flow Enablement:
     tick "Enable JWT Bearer Flow" and upload ${certificate}. Save.
  5. Policies > OAuth Policies > Permitted Users: "Admin approved users are pre-authorized".
     Add the permission set or profile of the integration user.
  6. Object Manager > Contact > Fields & Relationships > New > Text, length 64, name TidelockKey;
     tick Unique and External ID.
`;

const BY_HAND = '  3. Grant admin consent for your organization > Yes.';
const BY_CONSENT = `  3. tidelock connect prints a link: an administrator of the organisation signs in there and
     approves. Which organisation it is, is taken from that signed proof.`;

/** Exactly what to click, now that the certificates exist. */
export function lastSteps(setup: SetupResult): string {
  const { mailbox, crm } = setup.certificates;
  const files = [mailbox, ...(crm === null ? [] : [crm])].map((file) => `  ${file}`).join('\n');
  const these = crm === null ? 'This certificate is' : 'These certificates are';
  return `Written: ${setup.file}
The private keys stand encrypted in the data folder and never leave it. ${these} public
and valid until ${setup.validUntil.slice(0, 10)}:
${files}

In Microsoft Entra (https://entra.microsoft.com), app registration ${setup.clientId}:
  1. Certificates & secrets > Certificates > Upload certificate: ${setup.certificates.mailbox}
  2. API permissions > Add a permission > Microsoft Graph > Application permissions:
     tick Contacts.ReadWrite and User.Read.All. Add permissions.
${setup.byConsent ? BY_CONSENT : BY_HAND}
     To limit the app to some mailboxes, use Exchange RBAC for Applications instead of step 2's
     Contacts.ReadWrite.
${crm === null ? '' : salesforceSteps(crm)}
Then: ${setup.byConsent ? 'tidelock connect, and tidelock doctor' : 'tidelock doctor'}`;
}
