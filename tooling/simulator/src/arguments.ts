import { parseArgs } from 'node:util';
import { MUTANTS } from './mutants.ts';
import { PROFILES } from './profiles.ts';
import { REPOSITORIES } from './repository/repository.ts';

const OPTIONS = {
  seeds: { type: 'string' },
  from: { type: 'string', default: '1' },
  seed: { type: 'string' },
  lanes: { type: 'string' },
  profile: { type: 'string' },
  without: { type: 'string', default: '' },
  mutant: { type: 'string' },
  state: { type: 'string', default: 'memory' },
  mutants: { type: 'boolean', default: false },
  record: { type: 'boolean', default: false },
  shrink: { type: 'boolean', default: false },
  replay: { type: 'string' },
  out: { type: 'string' },
  strict: { type: 'boolean', default: false },
  events: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const USAGE = `Usage: npm run sim -- [options]

Plays the engine through seeded schedules in which everything fails that can fail, on all cores, and checks every step.

  --seeds N        how many schedules (default 2000); with --mutants: how many each of them may survive
  --from N         the first seed (default 1)
  --events         with calendars: series, exceptions, meetings of several mailboxes, windows that go on
  --profile NAME   the CRM has the abilities and habits of this one: ${Object.keys(PROFILES).join(', ')}
  --lanes 1|2      so many mailboxes (default: drawn)
  --state NAME     over a real repository as well: ${REPOSITORIES.join(', ')} (default: memory only)
  --without A,B    leaves out faults, operations, or the checks L5 and S6
  --strict         a pass that throws when its lease is gone is a failure
  --mutants        removes one rule at a time; each has to be noticed, where it was before or within its budget
  --mutant A,B     with --mutants: only these; otherwise one that is played, in the world that it is hunted in
  --record         with --mutants: hunts from the first seed on, and writes down where each was noticed
  --seed N         one schedule with its trace, one line an effect
  --shrink         with --seed: cuts a failure down to few choices and writes a tape
  --out FILE       where the tape goes (default: the system's folder for temporary files)
  --replay FILE    plays a tape
  --json           for programs
  --help           this text

Exit code 1 when a schedule failed, a mutant survived, or (from 10,000 schedules on) a cell of a coverage table stayed empty;
2 when the options cannot be understood. tooling/simulator/README.md says how it works.`;

type Arguments = ReturnType<typeof parse>;

const parse = (args: readonly string[]) => parseArgs({ args: [...args], options: OPTIONS }).values;

const oneOf = (option: string, value: string, names: readonly string[]): string | null =>
  names.includes(value) ? null : `--${option} is one of ${names.join(', ')}; not "${value}"`;

const whole = (option: string, value: string | undefined): string | null =>
  value === undefined || /^\d{1,15}$/.test(value) ? null : `--${option} is a whole number; not "${value}"`;

function findFault(values: Arguments): string | null {
  const unknown = values.mutant?.split(',').find((name) => MUTANTS[name] === undefined);
  return (
    whole('seeds', values.seeds) ??
    whole('from', values.from) ??
    whole('seed', values.seed) ??
    (values.lanes === undefined ? null : oneOf('lanes', values.lanes, ['1', '2'])) ??
    (values.profile === undefined ? null : oneOf('profile', values.profile, Object.keys(PROFILES))) ??
    oneOf('state', values.state, ['memory', ...REPOSITORIES]) ??
    (unknown === undefined
      ? null
      : `--mutant names mutants, separated by commas; "${unknown}" is none. --mutants lists all of them`)
  );
}

/** What was asked for, or what to say instead, with the exit code. */
export function readArguments(args: readonly string[]): Arguments | { said: string; code: 0 | 2 } {
  try {
    const values = parse(args);
    if (values.help) return { said: USAGE, code: 0 };
    const fault = findFault(values);
    return fault === null ? values : { said: `${fault}\n\n${USAGE}`, code: 2 };
  } catch (error) {
    return { said: `${(error as Error).message}\n\n${USAGE}`, code: 2 };
  }
}
