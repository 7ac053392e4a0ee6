import type { Sections, SettingsDraft } from '../api/settings.ts';

export interface NumberSetting {
  readonly id: string;
  readonly label: string;
  readonly hint: string;
  readonly read: (settings: Sections) => string;
  /** Why the text is none of its numbers, or null. */
  readonly problem: (text: string) => string | null;
}

interface Range {
  readonly least: number;
  readonly most: number;
  readonly orEmpty?: boolean;
}

const within =
  ({ least, most, orEmpty = false }: Range) =>
  (text: string): string | null => {
    if (orEmpty && text.trim() === '') return null;
    const value = Number(text);
    const fits = text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most;
    return fits ? null : `A whole number from ${least} to ${most.toLocaleString('en')}.`;
  };

type Section = Readonly<Record<string, unknown>>;

const figure = (value: unknown): string => (typeof value === 'number' ? String(value) : '');
const percent = (value: unknown): string =>
  typeof value === 'number' ? String(Math.round(value * 100)) : '';
const brakeOf = ({ brake }: Section): Section => (brake ?? {}) as Section;

export const NUMBERS: readonly NumberSetting[] = [
  {
    id: 'least',
    label: 'Deletes that are never braked',
    hint: 'More than this in one run are looked at by the brake.',
    read: ({ sync }) => figure(brakeOf(sync).least),
    problem: within({ least: 0, most: 100_000 }),
  },
  {
    id: 'share',
    label: 'Percent of the pairs that may be deleted',
    hint: 'Beyond it a person is asked.',
    read: ({ sync }) => percent(brakeOf(sync).share),
    problem: within({ least: 0, most: 100 }),
  },
  {
    id: 'skew',
    label: 'Seconds within which two edits are a conflict',
    hint: 'The clocks of two services are not trusted closer than that.',
    read: ({ sync }) => figure(sync.conflictSkewSeconds),
    problem: within({ least: 0, most: 86_400 }),
  },
  {
    id: 'audit',
    label: 'Hours between complete readings',
    hint: 'Empty: only when asked for.',
    read: ({ sync }) => figure(sync.auditHours),
    problem: within({ least: 1, most: 8_760, orEmpty: true }),
  },
  {
    id: 'lag',
    label: 'Minutes until a mailbox counts as late',
    hint: 'Overview and alarms go by it.',
    read: ({ alarm }) => figure(alarm.lagMinutes),
    problem: within({ least: 1, most: 43_200 }),
  },
  {
    id: 'values',
    label: 'Days that old values are kept',
    hint: 'Undo reaches as far back.',
    read: ({ history }) => figure(history.valueDays),
    problem: within({ least: 1, most: 3_650 }),
  },
];

/** What the texts say, or null where one of them says nothing. */
export function draftOf(texts: Readonly<Record<string, string>>): SettingsDraft | null {
  if (NUMBERS.some(({ id, problem }) => problem(texts[id] ?? '') !== null)) return null;
  const number = (id: string): number => Number(texts[id]);
  const audit = (texts.audit ?? '').trim();
  return {
    sync: {
      conflictSkewSeconds: number('skew'),
      auditHours: audit === '' ? null : Number(audit),
      brake: { least: number('least'), share: number('share') / 100 },
    },
    history: { valueDays: number('values') },
    alarm: { lagMinutes: number('lag') },
  };
}
