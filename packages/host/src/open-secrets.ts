import type { Secrets } from '@tidelock/core';
import { loadSecretsAdapter } from './adapters.ts';
import type { Config } from './config.ts';
import { TENANT } from './lanes.ts';
import { type Ground, opened, openGround, openSecretStore } from './opening.ts';
import { notePendingAct } from './pending-acts.ts';
import type { PlatformOptions } from './platform.ts';
import { recordedSecrets, type SecretAct } from './recorded-secrets.ts';

/** Records while the audit trail is not at hand; see `pending-acts.ts`. */
export const recorderOn =
  ({ context, who }: Ground<unknown>): ((act: SecretAct) => Promise<void>) =>
  (act) =>
    notePendingAct(context.dataDir, {
      ...{ ...act, id: context.random.uuid(), tenantId: TENANT, at: context.clock.now(), who },
    });

/** A configuration's secret store alone: for setting up, before the rest can be configured. */
export interface OpenSecrets extends AsyncDisposable {
  readonly config: Config;
  /** What is put, made or taken away here is recorded in the audit trail: names and fingerprints, never a value. */
  readonly secrets: Secrets;
  /** Records another act of setting up. */
  record(act: SecretAct): Promise<void>;
  close(): Promise<void>;
}

/** Opens no more than the secret store. The other adapters are not looked at. */
export const openSecrets = (options: PlatformOptions): Promise<OpenSecrets> =>
  opened(async (stack) => {
    const ground = await openGround(options, stack, loadSecretsAdapter);
    const record = recorderOn(ground);
    const secrets = recordedSecrets(await openSecretStore(ground), record);
    return { config: ground.config, secrets, record };
  });
