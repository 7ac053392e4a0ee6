import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import type {
  Clock,
  CrmPort,
  Finding,
  MailboxPort,
  Secrets,
  SetupOptions,
  SetupStep,
  StatePort,
  TokenProvider,
} from '@tidelock/core';
import type { LoadedAdapters } from './adapters.ts';
import { type CheckResult, checksOf, fromFinding, fromFindings, okCheck } from './check-result.ts';
import type { Config } from './config.ts';
import { tenantOf } from './consent/tenant-place.ts';
import { kindsOf } from './crm-scope.ts';
import { eventsFinding } from './event-lanes.ts';
import { canaryChecks, keyChecks } from './key-checks.ts';
import type { Lanes } from './lanes.ts';
import { mappingChecks } from './mapping-checks.ts';
import type { Profile } from './profiles/effective.ts';
import { mailboxFinding } from './profiles/roster.ts';
import { pushChecks } from './push/push-checks.ts';

export interface DoctorOptions {
  readonly config: Config;
  readonly ports: {
    readonly secrets: Secrets;
    readonly state: StatePort;
    readonly token: TokenProvider;
    readonly mailbox: MailboxPort;
    readonly crms: ReadonlyMap<string, CrmPort>;
  };
  readonly adapters: LoadedAdapters;
  readonly lanes: Lanes;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

type Check = () => Promise<readonly CheckResult[]>;

async function guarded(name: string, check: Check): Promise<readonly CheckResult[]> {
  try {
    return await check();
  } catch (error) {
    return checksOf(name, error);
  }
}

async function findingsOf(name: string, list: readonly Finding[], good: string): Promise<CheckResult[]> {
  const checks = fromFindings(name, list);
  return checks.some((check) => check.status !== 'ok') ? checks : [okCheck(name, good), ...checks];
}

async function checkFolder({ config }: DoctorOptions): Promise<CheckResult[]> {
  try {
    await access(config.dataDir, constants.R_OK | constants.W_OK);
    return [okCheck('data-folder', `${config.dataDir} can be written`)];
  } catch {
    const text = `${config.dataDir} cannot be written`;
    const remedy = 'Give the folder to the user that runs this process.';
    return [{ name: 'data-folder', status: 'fail', text, remedy }];
  }
}

function checkClock({ clock }: DoctorOptions): CheckResult[] {
  const year = new Date(clock.now()).getUTCFullYear();
  if (year >= 2025 && year < 2100) {
    return [okCheck('clock', `the clock says ${new Date(clock.now()).toISOString()}`)];
  }
  const remedy = 'Set the clock (NTP): signatures and certificates depend on it.';
  return [{ name: 'clock', status: 'fail', text: `the clock says the year ${year}`, remedy }];
}

async function checkSecrets({ ports }: DoctorOptions): Promise<CheckResult[]> {
  const { abilities, store } = ports.secrets;
  if (!abilities.store) return [okCheck('secrets', 'the secret store answers (keys only)')];
  const names = await store.list();
  return [okCheck('secrets', `the secret store opens; ${counted(names.length, 'entry', 'entries')}`)];
}

async function checkState({ ports }: DoctorOptions): Promise<CheckResult[]> {
  const lanes = await ports.state.sync.lanes();
  return [okCheck('state', `the state store opens; ${counted(lanes.length, 'mailbox', 'mailboxes')} known`)];
}

async function checkMailboxes({ lanes }: DoctorOptions): Promise<CheckResult[]> {
  const { nominees, findings } = await lanes.nominations();
  const checks = nominees.map(({ mailbox, choice }) => {
    const address = choice?.address ?? mailbox.address;
    const finding = mailboxFinding(address, mailbox);
    return finding ? fromFinding('mailbox', finding) : okCheck('mailbox', `${address} can be reached`);
  });
  return [...checks, ...findings.map((finding) => fromFinding('mailbox', finding))];
}

function profileChecks(profile: Profile, of: { followers: number; written: boolean }): CheckResult[] {
  const { name } = profile;
  const { followers, written } = of;
  const text = `profile "${name}" is followed by ${counted(followers, 'mailbox', 'mailboxes')}`;
  const checks: CheckResult[] = [];
  if (followers > 0) checks.push(okCheck('profiles', text));
  else if (written)
    checks.push({ name: 'profiles', status: 'warn', text, remedy: 'Assign it to mailboxes, or remove it.' });
  const unmapped = eventsFinding(profile);
  if (unmapped !== null) checks.push(fromFinding('profiles', unmapped));
  return checks;
}

async function checkProfiles({ config, lanes }: DoctorOptions): Promise<CheckResult[]> {
  const { entries } = await lanes.roster();
  return lanes.profiles().flatMap((profile) =>
    profileChecks(profile, {
      followers: entries.filter((entry) => entry.profile.name === profile.name).length,
      written: Object.hasOwn(config.profiles, profile.name),
    }),
  );
}

async function checkOwners({ lanes }: DoctorOptions): Promise<CheckResult[]> {
  const { entries } = await lanes.roster();
  return entries.flatMap((entry) => {
    const findings = entry.findings.filter(({ code }) => code.includes('owner'));
    if (findings.length > 0) return findings.map((finding) => fromFinding('owner', finding));
    const by = entry.match.by === null || entry.match.by === 'address = email' ? '' : ` (${entry.match.by})`;
    return [
      okCheck('owner', `${entry.address} belongs to ${entry.match.user?.name ?? 'nobody in the CRM'}${by}`),
    ];
  });
}

/** Which CRM a text is about, where there are several. */
const named = (crms: DoctorOptions['ports']['crms'], name: string, checks: readonly CheckResult[]) =>
  crms.size === 1 ? checks : checks.map((check) => ({ ...check, text: `${name}: ${check.text}` }));

function remedyOf({ manual, automatic }: SetupStep): string | null {
  const clicks = manual.join(' > ');
  if (automatic !== true) return clicks || null;
  return `Let Tidelock create it: tidelock doctor --yes. By hand: ${clicks}`;
}

async function checkSetup(crm: CrmPort, options: SetupOptions): Promise<CheckResult[]> {
  const steps = await crm.setup(options);
  return steps.map((step) => ({
    name: 'crm-setup',
    status: step.done ? 'ok' : 'fail',
    // A step says what is needed, which alone would read as if it were missing.
    text: step.done ? `${step.text} It is there.` : step.text,
    remedy: step.done ? null : remedyOf(step),
  }));
}

/** The same checks for each connection; one that does not answer says nothing about the others. */
function crmChecks({ config, ports, signal }: DoctorOptions): (readonly [string, Check])[] {
  const { crms } = ports;
  return [...crms].flatMap(([name, crm]): (readonly [string, Check])[] => [
    [
      'crm',
      async () =>
        named(
          crms,
          name,
          await findingsOf('crm', await crm.check({ signal }), 'the CRM accepts the sign-in'),
        ),
    ],
    [
      'crm-setup',
      async () => named(crms, name, await checkSetup(crm, { signal, kinds: kindsOf(config, name) })),
    ],
  ]);
}

/** Every check in the order in which a person would mend things; a failure of one does not end the others. */
export async function runDoctor(options: DoctorOptions): Promise<readonly CheckResult[]> {
  const { config, ports, signal } = options;
  const checks: readonly (readonly [string, Check])[] = [
    ['config', async () => [okCheck('config', `${config.file} is valid`)]],
    ['data-folder', () => checkFolder(options)],
    ['clock', async () => checkClock(options)],
    ['secrets', () => checkSecrets(options)],
    ['keys', () => keyChecks(ports.secrets, options.clock.now(), { config, token: ports.token })],
    ['key-canary', async () => canaryChecks(ports.token, await tenantOf(config, ports.secrets), signal)],
    ['state', () => checkState(options)],
    [
      'connection',
      async () =>
        findingsOf('connection', await ports.mailbox.check({ signal }), 'token and directory answer'),
    ],
    ['mailbox', () => checkMailboxes(options)],
    ...crmChecks(options),
    ['owner', () => checkOwners(options)],
    ['profiles', () => checkProfiles(options)],
    ['mapping', () => mappingChecks(options.lanes, signal)],
    ['push', () => pushChecks(options)],
  ];
  const results: CheckResult[] = [];
  for (const [name, check] of checks) results.push(...(await guarded(name, check)));
  return results;
}
