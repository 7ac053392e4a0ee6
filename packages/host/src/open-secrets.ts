import type { Secrets } from '@tidelock/core';
import { currentUser } from './actor.ts';
import { loadSecretsAdapter } from './adapters.ts';
import { createContext, makeDataDir } from './base-context.ts';
import { type Config, loadConfig } from './config.ts';
import { TENANT } from './lanes.ts';
import { notePendingAct } from './pending-acts.ts';
import type { PlatformOptions } from './platform.ts';
import { recordedSecrets, type SecretAct } from './recorded-secrets.ts';
import { placeOf, resolveOptions } from './secret-options.ts';

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
export async function openSecrets(options: PlatformOptions): Promise<OpenSecrets> {
  const stack = new AsyncDisposableStack();
  try {
    const env = options.env ?? process.env;
    const config = await loadConfig(options.configPath, { env });
    const adapters = await loadSecretsAdapter(config, options.resolveFrom);
    await makeDataDir(config);
    const context = await createContext(config, { options, env, stack });
    const places = [placeOf('secrets', config, adapters)];
    const [resolved] = await resolveOptions(places, { config, secrets: null });
    const secrets = await adapters.secrets.manifest.create(resolved, { ...context, env });
    stack.defer(() => secrets.close());
    const who = options.actor ?? currentUser(env);
    const { clock, random, dataDir } = context;
    const record = (act: SecretAct): Promise<void> =>
      notePendingAct(dataDir, { ...act, id: random.uuid(), tenantId: TENANT, at: clock.now(), who });
    const recorded = recordedSecrets(secrets, record);
    const close = () => stack.disposeAsync();
    return { config, secrets: recorded, record, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await stack.disposeAsync().catch(() => undefined);
    throw error;
  }
}
