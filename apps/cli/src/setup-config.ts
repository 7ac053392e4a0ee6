import { stringify } from 'yaml';

/** Names in the secret store and key store that a new configuration refers to. */
export const NAMES = { tenant: 'tenant-id', mailboxKey: 'mailbox-1', crmKey: 'crm-1' } as const;

export interface SetupAnswers {
  readonly clientId: string;
  readonly loginUrl: string;
  readonly consumerKey: string;
  readonly username: string;
  readonly mailboxes: readonly { readonly address: string; readonly owner?: string }[];
}

export interface EmulatedEnds {
  readonly directoryOrigin: string;
  readonly caFiles: readonly string[];
}

const HEAD = `# yaml-language-server: $schema=https://unpkg.com/@tidelock/host/config.schema.json
# Tidelock. Secrets stand in the secret store; { secret: name } refers to them.
`;

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
    crm: {
      adapter: '@tidelock/crm-salesforce',
      options: {
        loginUrl: answers.loginUrl,
        auth: {
          flow: 'jwt',
          consumerKey: answers.consumerKey,
          username: answers.username,
          key: NAMES.crmKey,
        },
        ...(emulated ? { endpoint: { allow: true } } : {}),
      },
    },
    mailboxes: answers.mailboxes,
    sync: { master: 'crm', region: 'US' },
    ...(emulated ? { network: { ca: emulated.caFiles } } : {}),
  };
  return HEAD + stringify(document, { lineWidth: 0 });
}
