import type { AdapterError, Clock, ConsentPort, ConsentProof, Finding } from '@tidelock/core';
import { ConsentRefusal } from './refusal.ts';

/** What a look at the service itself showed. */
export interface ServiceLook {
  readonly findings: readonly Finding[];
  /** At least one mailbox of the configuration opened. */
  readonly ready: boolean;
}

export interface ProvingParts {
  readonly consent: ConsentPort;
  readonly clock: Clock;
  /** Reads something harmless as that tenant. Throws for what may pass. */
  look(tenant: string, signal: AbortSignal | undefined): Promise<ServiceLook>;
  /** Told before each wait, with what is missing so far. */
  onWait?: (why: string) => void;
}

export interface Proved {
  readonly findings: readonly Finding[];
  readonly roles: readonly string[] | null;
}

/** A consent takes seconds to minutes to arrive everywhere. */
export const PATIENCE_MS = 15 * 60_000;
const WAITS_MS = [2_000, 5_000, 10_000, 15_000, 30_000, 45_000, 60_000, 90_000, 120_000];

type Round = { readonly proved: Proved } | { readonly missing: string; readonly error: AdapterError | null };

function requireOwn(tenant: string, { look }: Extract<ConsentProof, { state: 'proved' }>): void {
  if (look.tenant === null || look.tenant === tenant) return;
  throw new ConsentRefusal('proof-tenant', 'the app-only token is of another tenant');
}

async function round(parts: ProvingParts, tenant: string, signal: AbortSignal | undefined): Promise<Round> {
  const proof = await parts.consent.prove({ tenant, signal });
  if (proof.state === 'not-yet')
    return { missing: 'the directory does not know the app yet', error: proof.error };
  requireOwn(tenant, proof);
  const { roles, principal, tenant: shown } = proof.look;
  // A token was issued to an app without an object in the tenant: that is not consent.
  if (shown !== null && principal === null)
    return { missing: 'the app has no object in the organisation yet', error: null };
  const { findings, ready } = await parts.look(tenant, signal);
  const block = findings.find(({ severity }) => severity === 'block');
  if (block !== undefined) return { missing: block.text, error: null };
  if (roles !== null && roles.length === 0 && !ready)
    return { missing: 'the token carries no permission yet, and no mailbox opens', error: null };
  return { proved: { findings, roles } };
}

/**
 * An app-only token of that very tenant, and a read with it; repeated with growing waits for what replication mends, for
 * fifteen minutes. Throws `ConsentRefusal`, and an adapter's error for what waiting does not mend.
 */
export async function proveConsent(
  parts: ProvingParts,
  tenant: string,
  signal?: AbortSignal,
): Promise<Proved> {
  const until = parts.clock.mono() + PATIENCE_MS;
  for (let turn = 0; ; turn += 1) {
    const found = await round(parts, tenant, signal);
    if ('proved' in found) return found.proved;
    const wait = WAITS_MS[Math.min(turn, WAITS_MS.length - 1)] ?? 0;
    if (parts.clock.mono() + wait > until) {
      if (found.error !== null) throw found.error;
      throw new ConsentRefusal('not-replicated', found.missing);
    }
    parts.onWait?.(found.missing);
    await parts.clock.sleep(wait, signal);
  }
}
