import type { SecretAbilities, Secrets } from '@tidelock/core';
import type { Disposable } from '../harness.ts';

export interface SecretsFixture extends Disposable {
  readonly secrets: Secrets;
  /** Opens the same data once more, as another process would. Absent = the store cannot be shared. */
  reopen?(): Promise<Secrets>;
  /** Makes the backing store unreadable (file gone bad, server down) until the fixture is disposed of. */
  breakStore?(): Promise<void> | void;
  /** Everything logged so far, as text. */
  logged?(): string;
}

export interface SecretsTraits extends SecretAbilities {
  readonly canReopen: boolean;
  readonly canBreak: boolean;
}

export function readSecretsTraits(fixture: SecretsFixture): SecretsTraits {
  return {
    ...fixture.secrets.abilities,
    canReopen: fixture.reopen !== undefined,
    canBreak: fixture.breakStore !== undefined,
  };
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const lacks = (ability: string) => `the adapter declares no ${ability}`;
