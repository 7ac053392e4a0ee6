import type { Connections, Tried } from '../api/connections.ts';

/** `open`: it is this one's turn; `waits`: another one comes first. */
export type StepState = 'done' | 'open' | 'failed' | 'waits';

/** What a trial of the CRM said; undefined: none was made yet. */
export type Trials = ReadonlyMap<string, Tried>;

const isMailbox = (path: string): boolean => /^(mailbox|token|keys?|consent|secrets)\b/.test(path);

/** Problems that a person has to hear of: that there is no tenant yet is what the first step is for. */
export const toldProblems = ({ connected, problems }: Connections): Connections['problems'] =>
  problems.filter(({ path }) => connected || !path.startsWith('mailbox.options.tenant'));

function crmState({ crms, problems }: Connections, trials: Trials): StepState {
  const tried = crms.flatMap(({ name }) => trials.get(name) ?? []);
  const fails = tried.some(({ checks }) => checks.some(({ status }) => status === 'fail'));
  if (fails || problems.some(({ path }) => !isMailbox(path))) return 'failed';
  return tried.length === crms.length && crms.length > 0 ? 'done' : 'open';
}

/** Microsoft, the CRM, and what comes then. */
export function stepStates(
  connections: Connections,
  trials: Trials,
): readonly [StepState, StepState, StepState] {
  const { connected, mailbox, problems } = connections;
  const own = problems.filter(({ path }) => isMailbox(path));
  const microsoft: StepState =
    mailbox.refused !== null ? 'failed' : connected ? 'done' : own.length > 0 ? 'open' : 'done';
  const crm = crmState(connections, trials);
  return [microsoft, crm, connected && crm !== 'failed' ? 'open' : 'waits'];
}

/** `@tidelock/crm-salesforce` -> `Salesforce`, where the server has no better title. */
export function adapterTitle(adapter: string, known: Connections['crmAdapters']): string {
  const title = known.find(({ name }) => name === adapter)?.title;
  if (title !== undefined) return title;
  const word =
    adapter
      .split('/')
      .at(-1)
      ?.replace(/^(crm|mailbox)-/, '') ?? adapter;
  return word.charAt(0).toUpperCase() + word.slice(1);
}
