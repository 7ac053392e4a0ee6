import type { Job } from '../api/jobs.ts';

const PHASES: Readonly<Record<string, string>> = {
  read: 'Reading',
  match: 'Matching',
  plan: 'Planning',
  write: 'Writing',
  recover: 'Settling open writes',
};

type Progress = Pick<NonNullable<Job['progress']>, 'mailbox' | 'phase'>;

/** `Reading, ann@contoso.example` */
export function phaseText(progress: Progress | null): string {
  if (progress === null) return 'Begins';
  const phase = progress.phase === null ? 'Working' : (PHASES[progress.phase] ?? 'Working');
  return progress.mailbox === null ? phase : `${phase}, ${progress.mailbox}`;
}
