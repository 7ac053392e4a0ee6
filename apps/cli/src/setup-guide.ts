/** What exists before `tidelock init` can be answered. */
export const FIRST_STEPS = `Before the questions, two registrations (ten minutes, once):

Microsoft Entra admin center (https://entra.microsoft.com)
  1. Applications > App registrations > New registration. Name: Tidelock. Accounts in this
     organizational directory only. No redirect URI. Register.
  2. The Overview page shows "Application (client) ID" and "Directory (tenant) ID".

Salesforce Setup
  3. External Client App Manager > New External Client App. Enable OAuth; scopes "api" and
     "refresh_token, offline_access". Save.
  4. Settings > OAuth Settings > Consumer Key and Secret shows the consumer key.`;

export interface SetupResult {
  readonly file: string;
  readonly certificates: { readonly mailbox: string; readonly crm: string };
  readonly validUntil: string;
  readonly clientId: string;
}

/** Exactly what to click, now that the certificates exist. */
export function lastSteps(setup: SetupResult): string {
  return `Written: ${setup.file}
The private keys stand encrypted in the data folder and never leave it. These certificates are public
and valid until ${setup.validUntil.slice(0, 10)}:
  ${setup.certificates.mailbox}
  ${setup.certificates.crm}

In Microsoft Entra (https://entra.microsoft.com), app registration ${setup.clientId}:
  1. Certificates & secrets > Certificates > Upload certificate: ${setup.certificates.mailbox}
  2. API permissions > Add a permission > Microsoft Graph > Application permissions:
     tick Contacts.ReadWrite and User.Read.All. Add permissions.
  3. Grant admin consent for your organization > Yes.
     To limit the app to some mailboxes, use Exchange RBAC for Applications instead of step 2's
     Contacts.ReadWrite.

In Salesforce Setup:
  4. External Client App Manager > your app > Settings > OAuth Settings > Flow Enablement:
     tick "Enable JWT Bearer Flow" and upload ${setup.certificates.crm}. Save.
  5. Policies > OAuth Policies > Permitted Users: "Admin approved users are pre-authorized".
     Add the permission set or profile of the integration user.
  6. Object Manager > Contact > Fields & Relationships > New > Text, length 64, name TidelockKey;
     tick Unique and External ID.

Then: tidelock doctor`;
}
