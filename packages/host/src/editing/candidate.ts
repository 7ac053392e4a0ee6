import { InputError, type Problem } from '@tidelock/core';
import { type LoadedAdapters, loadAdapters } from '../adapters.ts';
import { type Config, countOf, loadConfig } from '../config.ts';
import { crmChoices, ofCrm } from '../crm-connections.ts';
import { withEveryProblem } from '../every-problem.ts';
import type { LivePlatform } from '../live/live-platform.ts';
import { effectiveProfile, type Profile, profileNames } from '../profiles/effective.ts';
import { placeOf, resolveOptions } from '../secret-options.ts';

/** A configuration that could be in force: checked as far as that goes without a request. */
export interface Candidate {
  readonly text: string;
  readonly config: Config;
  readonly adapters: LoadedAdapters;
  readonly profiles: readonly Profile[];
}

function profilesOf(config: Config, adapters: LoadedAdapters): readonly Profile[] {
  const shipped = new Map(
    [...adapters.crms].map(([name, { manifest }]) => [
      name,
      { contacts: manifest.mapping, events: manifest.eventMapping },
    ]),
  );
  const problems: Problem[] = [];
  const profiles = profileNames(config).flatMap((name) => {
    try {
      return [effectiveProfile(config, name, shipped)];
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      problems.push(...error.problems);
      return [];
    }
  });
  if (problems.length > 0) throw new InputError(`${config.file} has ${countOf(problems)}.`, problems);
  return profiles;
}

async function check(live: LivePlatform, text: string): Promise<Candidate> {
  const { options, foundation } = live;
  const config = await loadConfig(options.configPath, { env: foundation.env, draft: text });
  const adapters = await loadAdapters(config, options.resolveFrom);
  const slots = (['state', 'token', 'mailbox'] as const).map((slot) => placeOf(slot, config, adapters));
  const crms = crmChoices(config).map(({ name, path, options: written }) => ({
    ...{ path, options: written, adapter: ofCrm(adapters.crms, name) },
  }));
  // A secret that is not there yet is what connecting is for: only what is running must go on running.
  if (live.trouble === null)
    await resolveOptions([...slots, ...crms], { config, secrets: foundation.secrets });
  return { text, config, adapters, profiles: profilesOf(config, adapters) };
}

/** Throws `InputError` with every problem of the text, wherever in it. Makes no request besides reading the secret store. */
export async function candidateOf(live: LivePlatform, text: string): Promise<Candidate> {
  try {
    return await check(live, text);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { configPath, resolveFrom } = live.options;
    throw await withEveryProblem(error, { configPath, resolveFrom, draft: text });
  }
}
