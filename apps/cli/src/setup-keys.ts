import { openSecrets } from '@tidelock/host';
import type { Cli } from './cli.ts';
import { toPem } from './new-file.ts';
import { NAMES } from './setup-config.ts';

export interface SetupKeys {
  readonly mailboxPem: string;
  readonly crmPem: string;
  /** Milliseconds since the epoch. */
  readonly notAfter: number;
}

/** Makes both key pairs in the configuration's secret store and puts the tenant ID there. */
export async function createSetupKeys(
  cli: Pick<Cli, 'env'>,
  at: { readonly configPath: string; readonly tenant: string },
): Promise<SetupKeys> {
  await using opened = await openSecrets({
    configPath: at.configPath,
    resolveFrom: import.meta.url,
    env: cli.env,
  });
  const { store, keys } = opened.secrets;
  await store.put(NAMES.tenant, new TextEncoder().encode(at.tenant));
  const mailbox = await keys.create(NAMES.mailboxKey, { commonName: 'Tidelock mailbox' });
  const crm = await keys.create(NAMES.crmKey, { commonName: 'Tidelock CRM' });
  return { mailboxPem: toPem(mailbox.der), crmPem: toPem(crm.der), notAfter: mailbox.notAfter };
}
