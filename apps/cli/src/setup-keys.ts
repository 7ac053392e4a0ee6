import { openSecrets } from '@tidelock/host';
import type { Cli } from './cli.ts';
import { toPem } from './new-file.ts';
import { NAMES } from './setup-config.ts';

export interface SetupKeys {
  readonly mailboxPem: string;
  /** Null where the CRM is signed in to with a token. */
  readonly crmPem: string | null;
  /** Milliseconds since the epoch. */
  readonly notAfter: number;
}

/** Makes the key pairs in the configuration's secret store, and puts the tenant ID and the CRM's token there. */
export async function createSetupKeys(
  cli: Pick<Cli, 'env'>,
  at: {
    readonly configPath: string;
    /** Undefined: it is found by consent, which puts it there. */
    readonly tenant: string | undefined;
    /** For a CRM that wants a token instead of a key pair. */
    readonly crmToken?: string | undefined;
  },
): Promise<SetupKeys> {
  await using opened = await openSecrets({
    configPath: at.configPath,
    resolveFrom: import.meta.url,
    env: cli.env,
  });
  const { store, keys } = opened.secrets;
  if (at.tenant !== undefined) await store.put(NAMES.tenant, new TextEncoder().encode(at.tenant));
  const mailbox = await keys.create(NAMES.mailboxKey, { commonName: 'Tidelock mailbox' });
  const base = { mailboxPem: toPem(mailbox.der), notAfter: mailbox.notAfter };
  const note = (after: Readonly<Record<string, string>>): Promise<void> =>
    opened.record({ act: 'init', subject: at.configPath, laneId: null, before: null, after });
  if (at.crmToken !== undefined) {
    await store.put(NAMES.crmToken, new TextEncoder().encode(at.crmToken));
    await note({ mailbox: mailbox.sha256 });
    return { ...base, crmPem: null };
  }
  const crm = await keys.create(NAMES.crmKey, { commonName: 'Tidelock CRM' });
  await note({ mailbox: mailbox.sha256, crm: crm.sha256 });
  return { ...base, crmPem: toPem(crm.der) };
}
