import { randomBytes } from 'node:crypto';
import type { Clock, ConsentPort, Logger, SignedIn } from '@tidelock/core';
import { type Attempt, type Attempts, hashOf, isSame } from './attempts.ts';
import type { Proved } from './proving.ts';
import { ConsentRefusal, toRefusal } from './refusal.ts';
import { createStages, refusedStage, type Stage, type Stages } from './stages.ts';

/** Somebody with the right to set up `account`, in one browser session. */
export interface Visitor {
  /** What only that session knows. */
  readonly session: string;
  readonly account: string;
  /** For the audit trail. */
  readonly who: string;
}

export interface ConsentFlowParts {
  readonly consent: ConsentPort;
  readonly attempts: Attempts;
  readonly clock: Clock;
  /** Built from the configured address of this installation. */
  readonly redirectUri: string;
  /** The only tenant that the configuration lets an account connect; null = any. */
  allowedTenant(account: string): string | null;
  prove(tenant: string, onWait: (why: string) => void): Promise<Proved>;
  /** Throws `tenant-taken` and stores nothing; else the tenant is this account's. */
  bind(visitor: Visitor, of: { readonly tenant: string; readonly proved: Proved }): Promise<void>;
  /** Before the proof is asked for: whether another account holds the tenant. Throws `tenant-taken`. */
  requireFree(visitor: Visitor, tenant: string): Promise<void>;
  record(
    visitor: Visitor,
    act: 'signed-in' | 'refused',
    about: Readonly<Record<string, string>>,
  ): Promise<void>;
  readonly log: Logger;
  /** Ends what is under way, without a word to anybody. */
  readonly signal: AbortSignal;
}

export interface ConsentFlow {
  /** Where to send the browser. Throws `ConsentRefusal`. */
  start(visitor: Visitor): Promise<string>;
  /** What came back from the directory's pages; where to send the browser next, null = to the setup page. */
  reply(visitor: Visitor, url: URL): Promise<string | null>;
  stage(visitor: Visitor): Stage;
  /** Resolves when the attempt of that session has come to an end, whichever. */
  finished(visitor: Visitor): Promise<Stage>;
  /** Resolves when no proof is under way any more. */
  idle(): Promise<void>;
}

export const ATTEMPT_MS = 10 * 60_000;
const MOST_OWN = 20;
const MOST = 1_000;

const newState = (): string => randomBytes(32).toString('base64url');

/** What the state of a reply stands for, once it is certain whose it is. Throws `ConsentRefusal`. */
async function claimAttempt(parts: ConsentFlowParts, visitor: Visitor, state: string): Promise<Attempt> {
  const attempt = await parts.attempts.take(hashOf(state));
  if (attempt === null) throw new ConsentRefusal('state-unknown', 'the state is not one that waits');
  if (attempt.expiresAt <= parts.clock.now())
    throw new ConsentRefusal('state-expired', 'the attempt is over');
  if (!isSame(attempt.session, hashOf(visitor.session)))
    throw new ConsentRefusal('state-session', 'the attempt was started in another browser session');
  if (attempt.account !== visitor.account)
    throw new ConsentRefusal('state-account', 'the attempt was started for another account');
  return attempt;
}

function requireAdministrator(signedIn: SignedIn, allowed: string | null): void {
  if (signedIn.mayConsent === 'no')
    throw new ConsentRefusal('not-administrator', 'who signed in is no administrator');
  if (signedIn.mayConsent === 'unknown' && allowed === null)
    throw new ConsentRefusal('role-unknown', 'the sign-in does not tell whether this is an administrator');
}

function requireAllowed(tenant: string, allowed: string | null): void {
  if (allowed !== null && allowed !== tenant)
    throw new ConsentRefusal('tenant-not-allowed', 'the configuration names another tenant');
}

type Of<P extends Attempt['purpose']> = Extract<Attempt, { purpose: P }>;

/** What every attempt of a visitor carries. */
const attemptOf = ({ clock }: ConsentFlowParts, { session, account, who }: Visitor) => ({
  ...{ session: hashOf(session), account, who },
  expiresAt: clock.now() + ATTEMPT_MS,
});

async function requireRoom({ attempts, clock }: ConsentFlowParts, { session }: Visitor): Promise<void> {
  const { own, all } = await attempts.count(hashOf(session), clock.now());
  if (own >= MOST_OWN || all >= MOST) throw new ConsentRefusal('too-many', 'too many attempts are under way');
}

function createSteps(parts: ConsentFlowParts, stages: Stages) {
  const { consent, attempts, redirectUri } = parts;
  const running = new Set<Promise<void>>();

  const refuse = async (visitor: Visitor, error: unknown): Promise<void> => {
    const refusal = toRefusal(error);
    const { code, said } = refusal;
    const name = error instanceof Error ? error.name : typeof error;
    stages.set(visitor.session, refusedStage(refusal));
    if (code === 'unexpected') parts.log.error('consent.defect', { name });
    await parts.record(visitor, 'refused', said === null ? { code } : { code, said });
  };

  const finish = async (visitor: Visitor, tenant: string): Promise<void> => {
    try {
      const onWait = (missing: string) => stages.set(visitor.session, { at: 'proving', missing });
      const proved = await parts.prove(tenant, onWait);
      await parts.bind(visitor, { tenant, proved });
      stages.set(visitor.session, { at: 'connected', tenant, findings: proved.findings });
    } catch (error) {
      if (parts.signal.aborted) return;
      await refuse(visitor, error).catch((failure: unknown) => {
        const name = failure instanceof Error ? failure.name : typeof failure;
        parts.log.error('consent.not-recorded', { name });
      });
    }
  };

  return {
    refuse,
    idle: async (): Promise<void> => void (await Promise.all(running)),
    async endSignIn(visitor: Visitor, attempt: Of<'sign-in'>, of: { url: URL; state: string }) {
      const signedIn = await consent.endSignIn({ ...of, keep: attempt.keep });
      const { tenant, subject } = signedIn;
      const allowed = parts.allowedTenant(visitor.account);
      requireAllowed(tenant, allowed);
      requireAdministrator(signedIn, allowed);
      await parts.requireFree(visitor, tenant);
      await parts.record(visitor, 'signed-in', { subject });
      const state = newState();
      const asked: Attempt = { ...attemptOf(parts, visitor), purpose: 'consent', tenant, subject };
      await attempts.put(hashOf(state), asked);
      stages.set(visitor.session, { at: 'consenting' });
      return consent.consentUrl({ tenant, redirectUri, state });
    },
    endConsent(visitor: Visitor, attempt: Of<'consent'>, url: URL): null {
      const { tenant } = consent.readConsent(url);
      if (tenant !== attempt.tenant)
        throw new ConsentRefusal('tenant-mismatch', 'the organisation that approved is another one');
      stages.set(visitor.session, { at: 'proving', missing: null });
      const work = finish(visitor, tenant).finally(() => running.delete(work));
      running.add(work);
      return null;
    },
  };
}

/**
 * Sign-in, then consent, then proof; stored at the end. A reply of the directory's pages is taken for nothing but a claim of
 * the browser: its state must wait for that session and account, and the tenant that it names must be the one that a
 * signature-checked ID token of an administrator named before.
 */
export function createConsentFlow(parts: ConsentFlowParts): ConsentFlow {
  const { consent, attempts, redirectUri } = parts;
  const stages = createStages();
  const steps = createSteps(parts, stages);

  return {
    async start(visitor) {
      await requireRoom(parts, visitor);
      const state = newState();
      const tenant = parts.allowedTenant(visitor.account) ?? undefined;
      const { url, keep } = await consent.startSignIn({ redirectUri, state, tenant });
      await attempts.put(hashOf(state), { ...attemptOf(parts, visitor), purpose: 'sign-in', keep });
      stages.set(visitor.session, { at: 'signing-in' });
      return url;
    },
    async reply(visitor, url) {
      const state = url.searchParams.get('state') ?? '';
      const attempt = await claimAttempt(parts, visitor, state);
      try {
        if (attempt.purpose === 'consent') return steps.endConsent(visitor, attempt, url);
        return await steps.endSignIn(visitor, attempt, { url, state });
      } catch (error) {
        await steps.refuse(visitor, error);
        return null;
      }
    },
    stage: ({ session }) => stages.of(session),
    finished: ({ session }) => stages.end(session),
    idle: () => steps.idle(),
  };
}
