/**
 * What schemas and doc comments do not say, or not for operators, by section and path. A note goes first; one for a key
 * that does not exist is an error of the generator.
 */
export const NOTES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  host: {
    version: 'Version of this format.',
    secrets: 'Where secrets and keys are kept. Its options cannot hold secret references.',
    state: 'Where links, cursors, journal and history are kept.',
    token: 'How Tidelock signs in to Microsoft.',
    mailbox: 'The mailbox side.',
    crm: 'The CRM side.',
    mailboxes: 'The mailboxes that take part, each with its own links and its own state.',
    'mailboxes[].address': 'E-mail address of the mailbox. Each address once.',
    sync: 'How the engine decides.',
    history: 'How long what was changed is remembered.',
    'sync.create.mailbox': 'May contacts be created in the mailboxes?',
    'sync.create.crm': 'May contacts be created in the CRM?',
    'sync.onDelete.mailbox':
      'After a delete in the mailbox: `delete` the CRM record too, or `unlink`, and the CRM record stays.',
    'sync.onDelete.crm':
      'After a delete in the CRM: `delete` the mailbox contact too, or `unlink`, and the contact stays.',
    'sync.brake.folderShare':
      'Share of the pairs of one folder that may go in one pass, where that is more than `least`.',
    'sync.brake.least': 'So many deletes on one side never wait.',
    'sync.brake.share': 'Share of the linked records. Deletes of the last 24 hours count too.',
    'sync.conflictSkewSeconds':
      'Two clocks are compared only beyond this; inside it, `sync.master` wins a `newer` conflict.',
    'sync.auditHours':
      'Hours between two enumerations of everything, each feed at its own time (half as long to one and a half times). They find what feeds missed. `null`: only with `sync --audit`.',
    'sync.maxLinksPerPass': 'Records planned at once; the rest follows in the next round.',
    network: 'How requests leave this machine.',
    'network.timeoutSeconds': 'Deadline of one request.',
    log: 'Where the log goes, and how much of it.',
  },
  mapping: {
    version: 'Version of this format.',
    kind: 'What is mapped.',
    fields: 'The rows, one per field. `mappingExtra` in `tidelock.yaml` takes the same rows.',
    'fields[].mailbox': 'Property of the mailbox; the default mapping below shows their names.',
    'fields[].crm': 'Property of the CRM. For Salesforce: the API name of the Contact field.',
    'fields[].direction':
      'Which way changes flow. With `once`, only when the pair is made, or a value is met for the first time.',
    'fields[].conflict':
      'Both sides changed it: `newer` compares modification times, and falls back to `sync.master` where the clocks are too close; `hold` writes neither side. `tidelock review` asks whose value is right.',
  },
  'token-entra': {
    cloud:
      'National cloud, GCC being part of `global`. Each needs its own registration and certificate upload. The mailbox adapter follows it.',
    'authority.url': 'Origin of the other host.',
    'authority.pages': 'Where browsers are sent to instead; http on this machine only.',
    'authority.allow': 'Says that you mean it.',
  },
  'mailbox-exchange': {
    'endpoint.url': 'Origin of the other host.',
    'endpoint.allow': 'Says that you mean it.',
  },
  'crm-hubspot': {
    baseUrl: 'Origin of the API.',
    token: 'Access token of the private app, as `{ secret: name }`.',
    webhookSecret:
      'Client secret of the private app, as `{ secret: name }`. Without it no webhook is trusted.',
    'endpoint.allow': 'Says that you mean it.',
  },
  'crm-salesforce': {
    auth: 'How Tidelock signs in to the org.',
    'auth.flow': 'JWT bearer, with a certificate and no shared secret, or client credentials.',
    'auth.clientId': 'Consumer key of the app.',
    loginUrl:
      'Default: `https://login.salesforce.com`. `https://test.salesforce.com` for sandboxes, or an Experience Cloud site.',
    'auth.clientSecret': 'Consumer secret of the app, as `{ secret: name }`.',
    apiVersion: 'Version of the REST API.',
    'endpoint.allow': 'Says that you mean it.',
  },
  'secrets-file': {
    file: 'The encrypted file, relative to the data directory.',
    'keys[].create': 'Makes the key file on the first start, never beside an existing secrets file.',
    'keys[].credential': 'Name of a systemd credential (`LoadCredentialEncrypted=`).',
    'keys[].env': 'Environment variable with base64 or hexadecimal of 32 bytes.',
    'keys[].passphrase.env': 'Environment variable that holds the passphrase.',
    'keys[].passphrase.file': 'File that holds the passphrase.',
  },
  'secrets-vault': {
    namespace: 'Namespace: `team/a`. Absent = the root.',
    login: 'How Tidelock signs in to the secret store.',
    'login.token.file': 'File that holds it, relative to the data directory.',
    'login.token.env': 'Environment variable that holds it.',
    'login.appRole.secretId.file': 'File that holds it, relative to the data directory.',
    'login.appRole.secretId.env': 'Environment variable that holds it.',
    'login.jwt.token.file': 'File that holds it, relative to the data directory.',
    'login.jwt.token.env': 'Environment variable that holds it.',
    'login.token': 'A token that somebody else keeps alive.',
    'login.appRole': 'Login by AppRole.',
    'login.appRole.roleId': 'Role ID.',
    'login.appRole.secretId': 'Where the secret ID is read.',
    'login.appRole.mount': 'Where the auth method is enabled.',
    'login.kubernetes': 'Login by the service account of the pod.',
    'login.kubernetes.role': 'Role of the auth method.',
    'login.kubernetes.tokenFile': 'The projected service account token.',
    'login.kubernetes.mount': 'Where the auth method is enabled.',
    'login.jwt': 'Login by another JWT.',
    'login.jwt.role': 'Role of the auth method.',
    'login.jwt.token': 'Where the JWT is read.',
    'login.jwt.mount': 'Where the auth method is enabled.',
    'kv.mount': 'Where the engine is enabled.',
    'transit.mount': 'Where the engine is enabled.',
  },
  'secrets-keyvault': {
    'credential.managedIdentity': 'The identity of the machine.',
    'credential.managedIdentity.clientId': 'Of a user-assigned identity. Absent = the system-assigned one.',
    'credential.workloadIdentity': 'The service account of the pod, federated with an app.',
    'credential.workloadIdentity.tenantId': 'Tenant of the vault.',
    'credential.workloadIdentity.clientId': 'Client ID of the app.',
    'credential.workloadIdentity.tokenFile': 'The projected service account token.',
    'credential.clientCertificate': 'An app that proves itself by a certificate.',
    'credential.clientCertificate.tenantId': 'Tenant of the vault.',
    'credential.clientCertificate.clientId': 'Client ID of the app.',
    'credential.clientCertificate.certificateFile': 'PEM file with private key and certificate.',
    'credential.azureCli': 'Whoever is signed in with `az login`. For development.',
    'credential.azureCli.tenantId': 'Tenant of the vault.',
  },
  'state-sqlite': {},
  'state-postgres': {},
};
