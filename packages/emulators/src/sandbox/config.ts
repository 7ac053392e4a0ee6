import type { EmulatedCrm } from '../crm/index.ts';
import type { Connection } from './ends.ts';

/** Key pairs that the configuration can refer to; whoever owns the key store makes them. Not every CRM needs its own. */
export const SANDBOX_KEYS = { mailbox: 'mailbox-1', crm: 'crm-1' } as const;

export interface ConfigParts extends Connection {
  readonly origins: { readonly microsoft365: string; readonly crm: string };
  readonly crm: EmulatedCrm;
  /** File names or paths, relative to the configuration. */
  readonly caFiles: readonly string[];
}

/** The content of a `tidelock.yaml` that fits a sandbox: what a person would write, and the two test endpoints. */
export function toSandboxConfig(parts: ConfigParts): Record<string, unknown> {
  const { origins, crm, clientId, tenantId, mailboxes, caFiles } = parts;
  return {
    version: 1,
    data: '.tidelock',
    secrets: {
      adapter: '@tidelock/secrets-file',
      options: { keys: [{ keyFile: 'master.key', create: true }] },
    },
    state: { adapter: '@tidelock/state-sqlite' },
    token: {
      adapter: '@tidelock/token-entra',
      options: {
        clientId,
        keys: [SANDBOX_KEYS.mailbox],
        authority: { url: origins.microsoft365, allow: true },
      },
    },
    mailbox: {
      adapter: '@tidelock/mailbox-exchange',
      options: { tenant: tenantId, endpoint: { url: origins.microsoft365, allow: true } },
    },
    crm: {
      adapter: crm.adapter,
      options: crm.options({ origin: origins.crm, key: SANDBOX_KEYS.crm }),
    },
    mailboxes: mailboxes.map(({ address }) => ({ address })),
    network: { ca: caFiles },
  };
}
