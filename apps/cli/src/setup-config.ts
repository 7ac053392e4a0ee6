import { stringify } from 'yaml';

/** Names in the secret store and key store that a new configuration refers to. */
export const NAMES = {
  tenant: 'tenant-id',
  mailboxKey: 'mailbox-1',
  crmKey: 'crm-1',
  crmToken: 'hubspot-token',
} as const;

/** How the CRM is reached. */
export type CrmAnswers =
  | {
      readonly crm: 'salesforce';
      readonly loginUrl: string;
      readonly consumerKey: string;
      readonly username: string;
    }
  /** `url`: another place than the service's own, for an emulator. */
  | { readonly crm: 'hubspot'; readonly url?: string | undefined };

export interface SetupAnswers {
  readonly clientId: string;
  readonly crm: CrmAnswers;
  readonly mailboxes: readonly { readonly address: string; readonly owner?: string }[];
}

export interface EmulatedEnds {
  readonly directoryOrigin: string;
  readonly caFiles: readonly string[];
}

const HEAD = `# yaml-language-server: $schema=https://unpkg.com/@tidelock/host/config.schema.json
# Tidelock. Secrets stand in the secret store; { secret: name } refers to them.
`;

function toCrm(answers: CrmAnswers, emulated: boolean): Record<string, unknown> {
  if (answers.crm === 'hubspot') {
    const { url } = answers;
    const elsewhere = url === undefined ? {} : { baseUrl: url, endpoint: { allow: true } };
    return { adapter: '@tidelock/crm-hubspot', options: { token: { secret: NAMES.crmToken }, ...elsewhere } };
  }
  const { loginUrl, consumerKey, username } = answers;
  return {
    adapter: '@tidelock/crm-salesforce',
    options: {
      loginUrl,
      auth: { flow: 'jwt', consumerKey, username, key: NAMES.crmKey },
      ...(emulated ? { endpoint: { allow: true } } : {}),
    },
  };
}

/** The text of a configuration file. `emulated`: the ends are emulators on this machine. */
export function toConfigText(answers: SetupAnswers, emulated?: EmulatedEnds): string {
  const endpoint = emulated ? { endpoint: { url: emulated.directoryOrigin, allow: true } } : {};
  const authority = emulated ? { authority: { url: emulated.directoryOrigin, allow: true } } : {};
  const document = {
    version: 1,
    data: './.tidelock',
    secrets: {
      adapter: '@tidelock/secrets-file',
      options: { keys: [{ keyFile: 'master.key', create: true }] },
    },
    state: { adapter: '@tidelock/state-sqlite' },
    token: {
      adapter: '@tidelock/token-entra',
      options: { clientId: answers.clientId, keys: [NAMES.mailboxKey], ...authority },
    },
    mailbox: {
      adapter: '@tidelock/mailbox-exchange',
      options: { tenant: { secret: NAMES.tenant }, ...endpoint },
    },
    crm: toCrm(answers.crm, emulated !== undefined),
    mailboxes: answers.mailboxes,
    sync: { master: 'crm', region: 'US' },
    ...(emulated ? { network: { ca: emulated.caFiles } } : {}),
  };
  return HEAD + stringify(document, { lineWidth: 0 });
}
