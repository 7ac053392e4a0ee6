import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import type { Clock, CrmPort, Finding, MailboxPort, Secrets, StatePort } from '@tidelock/core';
import type { LoadedAdapters } from './adapters.ts';
import { type CheckResult, checksOf, fromFinding, fromFindings, okCheck } from './check-result.ts';
import type { Config } from './config.ts';
import { keyChecks } from './key-checks.ts';
import { type Lanes, mailboxFinding, ownerFinding } from './lanes.ts';
import { mappingChecks } from './mapping-checks.ts';

export interface DoctorOptions {
  readonly config: Config;
  readonly ports: {
    readonly secrets: Secrets;
    readonly state: StatePort;
    readonly mailbox: MailboxPort;
    readonly crm: CrmPort;
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

async function checkMailboxes({ config, lanes }: DoctorOptions): Promise<CheckResult[]> {
  const states = await lanes.mailboxes();
  return config.mailboxes.map((choice, index) => {
    const mailbox = states[index];
    const finding = mailbox && mailboxFinding(choice, mailbox);
    return finding ? fromFinding('mailbox', finding) : okCheck('mailbox', `${choice.address} can be reached`);
  });
}

async function checkOwners({ config, lanes }: DoctorOptions): Promise<CheckResult[]> {
  const users = await lanes.owners();
  return config.mailboxes.map((choice, index) => {
    const finding = ownerFinding(choice, users[index] ?? null);
    return finding
      ? fromFinding('owner', finding)
      : okCheck('owner', `${choice.address} belongs to ${users[index]?.name ?? choice.owner}`);
  });
}

async function checkSetup({ ports, signal }: DoctorOptions): Promise<CheckResult[]> {
  const steps = await ports.crm.setup({ signal });
  return steps.map((step) => ({
    name: 'crm-setup',
    status: step.done ? 'ok' : 'fail',
    text: step.text,
    remedy: step.done ? null : step.manual.join(' > ') || null,
  }));
}

/** Every check in the order in which a person would mend things; a failure of one does not end the others. */
export async function runDoctor(options: DoctorOptions): Promise<readonly CheckResult[]> {
  const { config, ports, signal } = options;
  const checks: readonly (readonly [string, Check])[] = [
    ['config', async () => [okCheck('config', `${config.file} is valid`)]],
    ['data-folder', () => checkFolder(options)],
    ['clock', async () => checkClock(options)],
    ['secrets', () => checkSecrets(options)],
    ['keys', () => keyChecks(ports.secrets, options.clock.now())],
    ['state', () => checkState(options)],
    [
      'connection',
      async () =>
        findingsOf('connection', await ports.mailbox.check({ signal }), 'token and directory answer'),
    ],
    ['mailbox', () => checkMailboxes(options)],
    ['crm', async () => findingsOf('crm', await ports.crm.check({ signal }), 'the CRM accepts the sign-in')],
    ['crm-setup', () => checkSetup(options)],
    ['owner', () => checkOwners(options)],
    ['mapping', () => mappingChecks(options.lanes, signal)],
  ];
  const results: CheckResult[] = [];
  for (const [name, check] of checks) results.push(...(await guarded(name, check)));
  return results;
}
