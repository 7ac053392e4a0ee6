import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { AdapterError } from '@tidelock/core';
import { parse } from 'yaml';
import { laneIdOf, TENANT } from '../lanes.ts';
import type { LivePlatform } from '../live/live-platform.ts';
import { reachOfChange } from '../live/same.ts';
import { differenceOf } from '../profiles/document.ts';
import { noticeProfiles, type Recording, recordActs } from '../profiles/record-roster.ts';
import { type Candidate, candidateOf } from './candidate.ts';
import {
  type KeptConfiguration,
  keepEarlier,
  keptConfigurations,
  readKept,
  replaceWhole,
} from './kept-files.ts';
import { type Edit, editYaml } from './yaml-edit.ts';

export interface ConfigText {
  readonly text: string;
  /** SHA-256 of the text. */
  readonly version: string;
  /** The document as it is written; secrets are names in it. */
  readonly value: unknown;
}

/** From what stands there now to what is to stand there: run again on another text when somebody else was first. */
export type Change = (value: unknown) => readonly Edit[];

export interface EditOptions {
  /** Who: in the audit trail. */
  readonly who: string;
  /** The text that the change was made on. Another one by now is `conflict`; absent = whatever is there. */
  readonly version?: string | undefined;
  /** Looked at last, before anything is written; throws what is wrong. */
  readonly check?: ((candidate: Candidate) => Promise<void>) | undefined;
}

export interface Saved {
  readonly version: string;
  /** False: the text was like that already. */
  readonly changed: boolean;
}

/** The configuration file, edited in a running process. Comments stay, and whatever is refused changes nothing. */
export interface ConfigEditor {
  read(): Promise<ConfigText>;
  /** What a change would make. Throws as `save` does, and writes nothing. */
  preview(change: Change): Promise<Candidate>;
  /**
   * Checks the whole document, keeps the earlier one, writes, and goes on under it; work that is under way ends under what it
   * began with. Throws `InputError` with every problem; where the new one cannot be put in force the earlier one is put back.
   */
  save(change: Change, options: EditOptions): Promise<Saved>;
  /** Newest first. */
  earlier(): Promise<readonly KeptConfiguration[]>;
  /** Puts an earlier one in force again. Throws `not_found`. */
  restore(id: string, options: EditOptions): Promise<Saved>;
}

const versionOf = (text: string): string => createHash('sha256').update(text).digest('hex');

const conflict = (message: string, remedy: string): AdapterError =>
  new AdapterError('conflict', message, { operation: 'config.edit', remedy });

async function readText({ options }: LivePlatform): Promise<ConfigText> {
  const text = await readFile(options.configPath, 'utf8');
  return { text, version: versionOf(text), value: parse(text) as unknown };
}

/** Names of secrets may stand in options, but so may what somebody wrote there by mistake. */
const isOptions = (path: string): boolean => /(^|\.)options(\.|$)/.test(path);
const veiled = (values: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(values).map(([path, value]) => [
      path,
      isOptions(path) && value !== null ? '(options)' : value,
    ]),
  );

/** Mailboxes by address, so that the trail names those that changed and not all of them. */
function comparable(value: unknown): string {
  const document = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (!Array.isArray(document.mailboxes)) return JSON.stringify(document);
  const entries = document.mailboxes.map((entry: unknown, index) => {
    const address = (entry as { readonly address?: unknown } | null)?.address;
    return [typeof address === 'string' ? address : String(index), entry];
  });
  return JSON.stringify({ ...document, mailboxes: Object.fromEntries(entries) });
}

function recordingOf(live: LivePlatform, who: string): Recording {
  const { state, context } = live.foundation;
  return {
    ...{ tenants: state.tenants, tenantId: TENANT, random: context.random, who, now: context.clock.now() },
    laneIdOf: (mailboxId, crm) => laneIdOf(live.config, mailboxId, { crm }),
  };
}

async function recordChange(
  live: LivePlatform,
  of: { readonly before: ConfigText; readonly candidate: Candidate; readonly who: string },
): Promise<void> {
  const on = recordingOf(live, of.who);
  const now: unknown = parse(of.candidate.text);
  const { before, after } = differenceOf(comparable(of.before.value), comparable(now));
  const act = { act: 'config.changed', subject: 'tidelock.yaml', laneId: null };
  await recordActs(on, [
    { ...act, before: veiled(before), after: veiled(after) },
    ...(await noticeProfiles(on, of.candidate.profiles)),
  ]);
}

/** In force, or as before. */
async function putInForce(live: LivePlatform, before: ConfigText, candidate: Candidate): Promise<void> {
  const { configPath } = live.options;
  const { clock } = live.foundation.context;
  await keepEarlier(live.config.dataDir, { ...before, now: clock.now() });
  await replaceWhole(configPath, candidate.text);
  try {
    await live.reload();
  } catch (error) {
    // Before anything is connected there is nothing that could be worse than before.
    if (live.trouble !== null) return;
    await replaceWhole(configPath, before.text);
    throw error;
  }
}

async function put(
  live: LivePlatform,
  of: { readonly before: ConfigText; readonly text: string; readonly options: EditOptions },
): Promise<Saved> {
  const { before, text, options } = of;
  if (text === before.text) return { version: before.version, changed: false };
  const candidate = await candidateOf(live, text);
  if (reachOfChange(live.config, candidate.config) === 'foundation')
    throw conflict(
      'Secret store, state, data folder, network and log are not changed under a running process.',
      'Edit the file and start the process again.',
    );
  await options.check?.(candidate);
  await putInForce(live, before, candidate);
  await recordChange(live, { before, candidate, who: options.who });
  return { version: versionOf(text), changed: true };
}

async function current(live: LivePlatform, version: string | undefined): Promise<ConfigText> {
  const before = await readText(live);
  if (version === undefined || version === before.version) return before;
  throw conflict(
    'The configuration was changed by somebody else meanwhile.',
    'Load it again, look at what is different, and repeat your change.',
  );
}

export function createConfigEditor(live: LivePlatform): ConfigEditor {
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <R>(work: () => Promise<R>): Promise<R> => {
    const next = turn.then(work);
    turn = next.catch(() => undefined);
    return next;
  };
  return {
    read: () => readText(live),
    async preview(change) {
      const { text, value } = await readText(live);
      return candidateOf(live, editYaml(text, change(value)));
    },
    save: (change, options) =>
      inTurn(async () => {
        const before = await current(live, options.version);
        return put(live, { before, text: editYaml(before.text, change(before.value)), options });
      }),
    earlier: () => keptConfigurations(live.config.dataDir),
    restore: (id, options) =>
      inTurn(async () => {
        const text = await readKept(live.config.dataDir, id);
        if (text === null)
          throw new AdapterError('not_found', 'There is no earlier configuration of this id.', {
            operation: 'config.restore',
            remedy: 'The fifty newest are kept; list them.',
          });
        return put(live, { before: await current(live, options.version), text, options });
      }),
  };
}
