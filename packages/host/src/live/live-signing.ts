import { readFile } from 'node:fs/promises';
import { countdownOf } from '../keys/countdown.ts';
import { useOfKey } from '../keys/used-by.ts';
import { TENANT } from '../lanes.ts';
import { type KeyPairInfo, openSigning, type Signing } from '../open-signing.ts';
import { importPendingActs } from '../pending-acts.ts';
import { recordActs } from '../profiles/record-roster.ts';
import { recordedSecrets } from '../recorded-secrets.ts';
import type { LivePlatform } from './live-platform.ts';

const overridesOf = ({ foundation }: LivePlatform) => {
  const { clock, random, log, fetch } = foundation.context;
  return { clock, random, log, fetch };
};

/** Key pairs and which of them sign. Asks the secret store alone, and changes nothing. */
export async function listKeys(live: LivePlatform): Promise<readonly KeyPairInfo[]> {
  const { secrets, context } = live.foundation;
  if (live.trouble !== null) {
    await using signing = await openSigning({ ...live.options, overrides: overridesOf(live) });
    return await signing.list();
  }
  const { token } = live.now();
  const found = await secrets.keys.list();
  return found.map((certificate) => ({
    certificate,
    ...useOfKey(live.config, token, certificate.keyName),
    ...countdownOf(certificate, context.clock.now()),
  }));
}

/**
 * Work on the key pairs in a running process, under somebody's name. What it did stands in the trail when it has ended, and where
 * another key signs from now on, the connections are opened anew.
 */
export async function withSigning<R>(
  live: LivePlatform,
  who: string,
  work: (signing: Signing) => Promise<R>,
): Promise<R> {
  const { configPath } = live.options;
  const before = await readFile(configPath, 'utf8');
  const signing = await openSigning({ ...live.options, actor: who, overrides: overridesOf(live) });
  try {
    return await work(signing);
  } finally {
    await signing.close();
    await importPendingActs(live.config.dataDir, live.foundation.state.tenants);
    if (before !== (await readFile(configPath, 'utf8'))) await live.reconnect();
  }
}

/** Puts a secret into the store, recorded; connections that use it see it at once. Answers nothing of what was there. */
export async function putSecret(
  live: LivePlatform,
  of: { readonly who: string; readonly name: string; readonly value: string },
): Promise<void> {
  const { secrets, state, context } = live.foundation;
  const recording = {
    ...{ tenants: state.tenants, tenantId: TENANT, random: context.random, who: of.who },
    ...{ now: context.clock.now(), laneIdOf: () => '' },
  };
  const recorded = recordedSecrets(secrets, (act) => recordActs(recording, [act]));
  await recorded.store.put(of.name, new TextEncoder().encode(of.value));
  await live.reconnect();
}
