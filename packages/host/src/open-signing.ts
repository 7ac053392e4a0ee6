import { AdapterError, type Certificate, InputError, type Secrets, type TokenProvider } from '@tidelock/core';
import { loadAdapters } from './adapters.ts';
import type { Config } from './config.ts';
import { tenantOf } from './consent/tenant-place.ts';
import { type Canary, tryKey } from './keys/canary.ts';
import { writeKeyNames } from './keys/config-keys.ts';
import { type Countdown, countdownOf } from './keys/countdown.ts';
import { type KeyUse, useOfKey, usersOfKey } from './keys/used-by.ts';
import { recorderOn } from './open-secrets.ts';
import { opened, openGround, openSecretStore } from './opening.ts';
import type { PlatformOptions } from './platform.ts';
import { recordedSecrets } from './recorded-secrets.ts';
import { placeOf, resolveOptions } from './secret-options.ts';

export interface KeyPairInfo extends Countdown, KeyUse {
  readonly certificate: Certificate;
}

export interface Rotation {
  readonly certificate: Certificate;
  /** Names in use from now on, newest first. */
  readonly names: readonly string[];
  /** False: the configuration could not be changed, so a person has to. */
  readonly written: boolean;
}

/** The key pairs that sign for this installation. Opens no state and no store of people's data. */
export interface Signing extends AsyncDisposable {
  readonly config: Config;
  /** Records what is made or taken away. */
  readonly secrets: Secrets;
  list(): Promise<readonly KeyPairInfo[]>;
  /** Whether the directory accepts each key in use, newest first; null = no tenant is connected. */
  check(): Promise<readonly Canary[] | null>;
  /**
   * Makes the next key pair and puts it first. The older ones stay in use, so nothing stops: the new certificate is registered
   * when somebody uploads it, and no consent is asked for again. Throws `conflict` while an earlier rotation is unfinished.
   */
  rotate(of: { readonly days?: number; readonly bits?: 2048 | 3072 | 4096 }): Promise<Rotation>;
  /**
   * Takes a key out of use and destroys it; also one that no token is signed with. Throws `conflict` for the last one that signs
   * tokens, and, unless `anyway`, where another connection names it, or no other key is accepted by the directory.
   */
  retire(name: string, anyway: boolean): Promise<Omit<Rotation, 'certificate'>>;
  close(): Promise<void>;
}

interface Parts {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly token: TokenProvider;
  readonly now: () => number;
  readonly signal: AbortSignal | undefined;
}

/** `mailbox-1` -> `mailbox-2`; a name without a number gets one. */
export function nextKeyName(name: string, taken: ReadonlySet<string>): string {
  const [, stem = name, digits] = /^(.*?)-?(\d+)$/.exec(name) ?? [];
  for (let number = Number(digits ?? 1) + 1; ; number += 1) {
    const next = `${stem}-${number}`;
    if (!taken.has(next)) return next;
  }
}

async function check(parts: Parts): Promise<readonly Canary[] | null> {
  const { token, signal } = parts;
  const tenant = await tenantOf(parts.config, parts.secrets);
  if (tenant === null || token.tryKey === undefined) return null;
  const found: Canary[] = [];
  for (const key of token.keyNames ?? []) found.push(await tryKey(token, { tenant, key, signal }));
  return found;
}

const conflict = (message: string, remedy: string): AdapterError =>
  new AdapterError('conflict', message, { operation: 'keys.rotate', remedy });

const namesOf = ({ token }: Parts): readonly string[] => token.keyNames ?? [];

async function requireKnown({ secrets }: Parts, name: string): Promise<void> {
  const names = (await secrets.keys.list()).map(({ keyName }) => keyName);
  if (names.includes(name)) return;
  const reason = 'the secret store has no key of this name';
  throw new InputError(`There is no key ${name}.`, [
    { path: name, reason, remedy: `One of: ${names.join(', ')}.` },
  ]);
}

function requireUnshared({ config }: Parts, name: string): void {
  const users = usersOfKey(config, name);
  if (users.length === 0) return;
  throw conflict(
    `${name} signs elsewhere too: ${users.join(', ')}.`,
    `Make another pair there (tidelock keys create <name>), register its certificate, name it in the configuration, and retire then; --anyway cuts that off as well.`,
  );
}

async function rotate(parts: Parts, of: Parameters<Signing['rotate']>[0]): Promise<Rotation> {
  const { secrets, config } = parts;
  const before = namesOf(parts);
  const [newest] = before;
  if (newest === undefined)
    throw conflict('No key pair signs here.', 'Make one with tidelock init, or tidelock keys create.');
  const checked = await check(parts);
  if (checked !== null && before.length > 1 && checked[0]?.state === 'refused')
    throw conflict(
      `${newest} is not registered yet.`,
      `Upload its certificate first (tidelock keys export ${newest}), then run tidelock keys check.`,
    );
  const taken = new Set([...before, ...(await secrets.keys.list()).map(({ keyName }) => keyName)]);
  const name = nextKeyName(newest, taken);
  const { days = 180, bits = 3072 } = of;
  const certificate = await secrets.keys.create(name, { commonName: `Tidelock ${name}`, days, bits });
  const names = [name, ...before];
  return { certificate, names, written: await writeKeyNames(config, { before, after: names }) };
}

async function retire(parts: Parts, name: string, anyway: boolean): ReturnType<Signing['retire']> {
  const { secrets, config } = parts;
  const before = namesOf(parts);
  if (!before.includes(name)) {
    await requireKnown(parts, name);
    if (!anyway) requireUnshared(parts, name);
    await secrets.keys.remove(name);
    return { names: before, written: true };
  }
  const names = before.filter((one) => one !== name);
  if (names.length === 0)
    throw conflict(`${name} is the only key that signs.`, 'Rotate first: tidelock keys rotate');
  if (!anyway) requireUnshared(parts, name);
  const checked = anyway ? null : await check(parts);
  const accepted = checked?.some(({ key, state }) => key !== name && state === 'accepted') ?? anyway;
  if (!accepted)
    throw conflict(
      'No other key is accepted by the directory.',
      `Upload the certificate of ${names[0]} and run tidelock keys check; --anyway cuts the connection off.`,
    );
  const written = await writeKeyNames(config, { before, after: names });
  if (written) await secrets.keys.remove(name);
  return { names, written };
}

async function open(options: PlatformOptions, stack: AsyncDisposableStack): Promise<Parts> {
  const ground = await openGround(options, stack, loadAdapters);
  const { config, adapters, context } = ground;
  const secrets = recordedSecrets(await openSecretStore(ground), recorderOn(ground));
  const [tokenOptions] = await resolveOptions([placeOf('token', config, adapters)], { config, secrets });
  const token = await adapters.token.manifest.create(tokenOptions, { ...context, secrets });
  stack.defer(() => token.close());
  return { config, secrets, token, now: () => context.clock.now(), signal: options.signal };
}

export const openSigning = (options: PlatformOptions): Promise<Signing> =>
  opened(async (stack) => {
    const parts = await open(options, stack);
    const { config, secrets, now } = parts;
    return {
      config,
      secrets,
      async list() {
        const found = await secrets.keys.list();
        return found.map((certificate) => ({
          certificate,
          ...useOfKey(config, parts.token, certificate.keyName),
          ...countdownOf(certificate, now()),
        }));
      },
      check: () => check(parts),
      rotate: (of) => rotate(parts, of),
      retire: (name, anyway) => retire(parts, name, anyway),
    };
  });
