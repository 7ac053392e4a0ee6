import type { Plan, PlanStep } from '../api/plans.ts';
import type { Side } from '../api/records.ts';
import type { Tone } from './tone.ts';

const STATES: Readonly<Record<Plan['state'], { readonly tone: Tone; readonly word: string }>> = {
  open: { tone: 'ok', word: 'Ready to look at' },
  approved: { tone: 'info', word: 'Approved' },
  'carried-out': { tone: 'neutral', word: 'Carried out' },
};

export const planState = (state: Plan['state']): { readonly tone: Tone; readonly word: string } =>
  STATES[state];

const TONES: Readonly<Record<PlanStep['action'], Tone>> = {
  link: 'info',
  create: 'ok',
  update: 'info',
  delete: 'bad',
  unlink: 'neutral',
  freeze: 'neutral',
  review: 'warn',
};
const ORDER = Object.keys(TONES);

export interface StepGroup {
  readonly heading: string;
  readonly tone: Tone;
  readonly steps: readonly PlanStep[];
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const headingOf = ({ heading, held }: PlanStep): string =>
  `${sentence(heading)}${held === null ? '' : ' (held)'}`;

/** Steps by what happens and where, in the order in which people want to know it. */
export function groupSteps(steps: readonly PlanStep[]): readonly StepGroup[] {
  const sorted = [...steps].sort(
    (x, y) => ORDER.indexOf(x.action) - ORDER.indexOf(y.action) || x.title.localeCompare(y.title, 'en'),
  );
  return [...Map.groupBy(sorted, headingOf)].map(([heading, members]) => ({
    heading,
    tone: TONES[members[0]?.action ?? 'freeze'],
    steps: members,
  }));
}

export interface PlanCounts {
  readonly title: string;
  readonly of: Readonly<Record<Side, number>>;
  readonly held: number;
}

/** What is written, by side: as the command line counts it. */
export function countSteps(steps: readonly PlanStep[]): readonly PlanCounts[] {
  const count = (title: string, units: (step: PlanStep) => number): PlanCounts => {
    const on = (side: Side): number =>
      sum(
        steps.filter((step) => step.side === side),
        units,
      );
    const held = sum(
      steps.filter((step) => step.held !== null),
      units,
    );
    return { title, of: { mailbox: on('mailbox'), crm: on('crm') }, held };
  };
  const whole = (action: PlanStep['action']) => (step: PlanStep) => Number(step.action === action);
  const changes = (fits: (was: boolean, is: boolean) => boolean) => (step: PlanStep) =>
    step.action === 'update'
      ? step.changes.filter((one) => fits(one.old !== null, one.new !== null)).length
      : 0;
  return [
    count('Records created', whole('create')),
    count(
      'Blanks filled',
      changes((was) => !was),
    ),
    count(
      'Values changed',
      changes((was, is) => was && is),
    ),
    count(
      'Values emptied',
      changes((was, is) => was && !is),
    ),
    count('Records deleted', whole('delete')),
  ];
}

const sum = (steps: readonly PlanStep[], of: (step: PlanStep) => number): number =>
  steps.reduce((total, step) => total + of(step), 0);

/** What became of the steps of a plan that was carried out: `38 done, 2 no longer held`. */
export function outcomeText(rows: Readonly<Record<string, number>>): string {
  const words: readonly (readonly [string, string])[] = [
    ['planned', 'as planned'],
    ['drift', 'no longer held and left alone'],
    ['held', 'held'],
    ['parked', 'refused'],
    ['open', 'not settled yet'],
    ['pending', 'not begun'],
  ];
  const texts = words.flatMap(([key, word]) => {
    // What was so before this attempt is as planned as well: an earlier one may have been interrupted.
    const value = key === 'planned' ? (rows.done ?? 0) + (rows.already ?? 0) : (rows[key] ?? 0);
    return value === 0 ? [] : [`${value.toLocaleString('en')} ${word}`];
  });
  return texts.length === 0 ? 'nothing was to be done' : texts.join(', ');
}
