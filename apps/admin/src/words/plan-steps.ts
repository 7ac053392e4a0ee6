import type { PlanHead, PlanStep } from '../api/plans.ts';
import type { Side } from '../api/records.ts';
import type { Tone } from './tone.ts';
import { SIDE } from './values.ts';

const STATES: Readonly<Record<PlanHead['state'], { readonly tone: Tone; readonly word: string }>> = {
  making: { tone: 'info', word: 'Being made' },
  ready: { tone: 'ok', word: 'Ready to look at' },
  applying: { tone: 'info', word: 'Being carried out' },
  applied: { tone: 'neutral', word: 'Carried out' },
  failed: { tone: 'bad', word: 'Failed' },
};

export const planState = (state: PlanHead['state']): { readonly tone: Tone; readonly word: string } =>
  STATES[state];

const HEADINGS: Readonly<Record<PlanStep['action'], string>> = {
  link: 'Link, as one person on both sides',
  create: 'Create in the',
  update: 'Change in the',
  delete: 'Delete from the',
  unlink: 'Unlink for good; both records stay',
  freeze: 'Leave alone: outside of the rules',
  review: 'Ask a person; nothing is done until then',
};
const ORDER = Object.keys(HEADINGS);

const TONES: Readonly<Record<PlanStep['action'], Tone>> = {
  link: 'info',
  create: 'ok',
  update: 'info',
  delete: 'bad',
  unlink: 'neutral',
  freeze: 'neutral',
  review: 'warn',
};

export interface StepGroup {
  readonly heading: string;
  readonly tone: Tone;
  readonly held: boolean;
  readonly steps: readonly PlanStep[];
}

const headingOf = ({ action, side, held }: PlanStep): string =>
  `${HEADINGS[action]}${side === null ? '' : ` ${SIDE[side]}`}${held === null ? '' : ' (held)'}`;

/** Steps by what happens and where, in the order in which people want to know it. */
export function groupSteps(steps: readonly PlanStep[]): readonly StepGroup[] {
  const sorted = [...steps].sort(
    (x, y) => ORDER.indexOf(x.action) - ORDER.indexOf(y.action) || x.title.localeCompare(y.title, 'en'),
  );
  return [...Map.groupBy(sorted, headingOf)].map(([heading, members]) => {
    const [first] = members;
    const held = first?.held !== null;
    return { heading, held, tone: first === undefined ? 'neutral' : TONES[first.action], steps: members };
  });
}

export interface PlanCounts {
  readonly title: string;
  readonly of: Readonly<Record<Side, number>>;
  readonly held: number;
}

const isHeld = ({ held }: PlanStep): boolean => held !== null;

/** What is written, by side: as the command line counts it. */
export function countSteps(steps: readonly PlanStep[]): readonly PlanCounts[] {
  const count = (title: string, units: (step: PlanStep, side: Side) => number): PlanCounts => ({
    title,
    of: { a: sum(steps, (step) => units(step, 'a')), b: sum(steps, (step) => units(step, 'b')) },
    held: sum(steps.filter(isHeld), (step) => units(step, 'a') + units(step, 'b')),
  });
  const whole = (action: PlanStep['action']) => (step: PlanStep, side: Side) =>
    step.action === action && step.side === side ? 1 : 0;
  const changes = (fits: (from: unknown, to: unknown) => boolean) => (step: PlanStep, side: Side) =>
    step.action === 'update'
      ? step.changes.filter((one) => one.to === side && fits(blank(one.old), blank(one.new))).length
      : 0;
  return [
    count('Records created', whole('create')),
    count(
      'Blanks filled',
      changes((from) => from === null),
    ),
    count(
      'Values changed',
      changes((from, to) => from !== null && to !== null),
    ),
    count(
      'Values emptied',
      changes((from, to) => from !== null && to === null),
    ),
    count('Records deleted', whole('delete')),
  ];
}

const blank = (value: unknown): unknown => (value === '' || value === undefined ? null : value);

const sum = (steps: readonly PlanStep[], of: (step: PlanStep) => number): number =>
  steps.reduce((total, step) => total + of(step), 0);
