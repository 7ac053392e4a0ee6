import type { AuditRow, Certificate, Secrets } from '@tidelock/core';

/** An act on the secret store, without who and when. */
export type SecretAct = Pick<AuditRow, 'act' | 'subject' | 'laneId' | 'before' | 'after'>;

type Change = Pick<SecretAct, 'before' | 'after'>;

/** What may be known of a key pair. */
const publicPart = ({ sha256, notAfter }: Certificate): Record<string, string> => ({
  sha256,
  notAfter: new Date(notAfter).toISOString(),
});

/** Recorded before the caller has it: a record that cannot be kept keeps the key in. */
function exporting(keys: Secrets['keys'], note: (act: string, name: string, of: Change) => Promise<void>) {
  return async (name: string) => {
    const pem = keys.export?.(name);
    if (pem === undefined) throw new TypeError('the store gives no keys away');
    const given = await pem;
    await note('key.exported', name, { before: null, after: null });
    return given;
  };
}

/**
 * The secret store as it is, with a record of every change. Recorded after it took effect; a record that cannot be kept
 * makes the call throw, although the change stands.
 */
export function recordedSecrets(secrets: Secrets, record: (act: SecretAct) => Promise<void>): Secrets {
  const { store, keys } = secrets;
  const note = (act: string, subject: string, change: Change): Promise<void> =>
    record({ act, subject, laneId: null, ...change });
  const certificateOf = async (name: string): Promise<Certificate | undefined> =>
    (await keys.list()).find(({ keyName }) => keyName === name);
  return {
    abilities: secrets.abilities,
    wrapper: secrets.wrapper,
    close: () => secrets.close(),
    store: {
      get: (...of) => store.get(...of),
      list: (prefix) => store.list(prefix),
      async put(name, value, options) {
        const before = (await store.get(name))?.version ?? null;
        const version = await store.put(name, value, options);
        await note('secret.put', name, { before: before && { version: before }, after: { version } });
        return version;
      },
      async remove(name) {
        const before = (await store.get(name))?.version ?? null;
        await store.remove(name);
        if (before !== null) await note('secret.removed', name, { before: { version: before }, after: null });
      },
    },
    keys: {
      signer: (name) => keys.signer(name),
      ...(keys.export && { export: exporting(keys, note) }),
      list: () => keys.list(),
      async create(name, options) {
        const made = await keys.create(name, options);
        await note('key.created', name, { before: null, after: publicPart(made) });
        return made;
      },
      async import(name, pem) {
        const taken = await keys.import(name, pem);
        await note('key.imported', name, { before: null, after: publicPart(taken) });
        return taken;
      },
      async remove(name) {
        const before = await certificateOf(name);
        await keys.remove(name);
        if (before !== undefined)
          await note('key.removed', name, { before: publicPart(before), after: null });
      },
    },
  };
}
