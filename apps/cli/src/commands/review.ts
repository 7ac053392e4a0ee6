import type { HeldDeletes, Review } from '@tidelock/core';
import type { Platform } from '@tidelock/host';
import { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { UsageError } from '../failure.ts';
import { prepareEngine, type Session, withPlatform } from '../session.ts';
import { printable } from '../table.ts';
import { plural, SIDE } from '../words.ts';

interface Question {
  readonly id: string;
  readonly laneId: string;
  readonly mailbox: string;
  readonly kind: Review['kind'] | 'held-deletes';
  readonly reasons: readonly string[];
  readonly score: number | null;
  readonly decisions: readonly string[];
}

const DECISIONS: Record<Question['kind'], readonly string[]> = {
  match: ['link', 'separate'],
  duplicate: ['link', 'separate'],
  delete: ['apply', 'keep'],
  conflict: ['apply', 'keep'],
  parked: ['apply', 'keep'],
  unresolved: ['apply', 'keep'],
  'held-deletes': ['apply', 'keep'],
};

const KIND: Record<Question['kind'], string> = {
  match: 'Are these one person?',
  duplicate: 'Which of several records belong together?',
  delete: 'Is this delete meant?',
  conflict: 'Both sides changed this',
  parked: 'Refused by a store',
  unresolved: 'The fate of a write is unknown',
  'held-deletes': 'Are these deletes meant?',
};

const fromReview = (review: Review, mailbox: string): Question => ({
  id: review.id,
  laneId: review.laneId,
  mailbox,
  kind: review.kind,
  reasons: review.reasons,
  score: review.score,
  decisions: DECISIONS[review.kind],
});

const fromHeld = (held: HeldDeletes, lane: { id: string; label: string }): Question => ({
  id: held.hash,
  laneId: lane.id,
  mailbox: lane.label,
  kind: 'held-deletes',
  reasons: [`${plural(held.count, 'delete')} in the ${SIDE[held.side]}: ${held.reason}`],
  score: null,
  decisions: DECISIONS['held-deletes'],
});

async function questionsOf(platform: Platform): Promise<Question[]> {
  const { sync } = platform.state;
  const questions: Question[] = [];
  for (const lane of await sync.lanes()) {
    if (lane.held !== null) questions.push(fromHeld(lane.held, lane));
    const reviews = await sync.reviews(lane.id, { open: true });
    questions.push(...reviews.map((review) => fromReview(review, lane.label)));
  }
  return questions;
}

function print(cli: Cli, questions: readonly Question[]): void {
  const { bold, dim } = cli.style();
  if (questions.length === 0) {
    cli.say('Nothing waits for a decision.');
    return;
  }
  for (const question of questions) {
    cli.say(`${bold(question.id)}  ${printable(question.mailbox)}  ${KIND[question.kind]}`);
    for (const reason of question.reasons) cli.say(`  ${printable(reason)}`);
    cli.say(`  ${dim('→')} tidelock review decide ${question.id} ${question.decisions.join('|')}\n`);
  }
  cli.say(`${plural(questions.length, 'question')}. The first letters of an id will do.`);
}

function pick(questions: readonly Question[], id: string, decision: string): Question {
  const exact = questions.filter((question) => question.id === id);
  const found = exact.length > 0 ? exact : questions.filter((question) => question.id.startsWith(id));
  const [question] = found;
  const refuse = (path: string, reason: string, remedy: string): never => {
    throw new UsageError([{ path, reason, remedy }]);
  };
  if (question === undefined) return refuse(id, 'no open question has this id', 'List them: tidelock review');
  if (found.length > 1)
    return refuse(id, `${found.length} questions start like this`, 'Write more of the id.');
  if (!question.decisions.includes(decision)) {
    const remedy = `Use one of: ${question.decisions.join(', ')}.`;
    return refuse(decision, `is no answer to "${KIND[question.kind]}"`, remedy);
  }
  return question;
}

async function decide(cli: Cli, session: Session, answer: { id: string; decision: string }): Promise<void> {
  const { platform } = session;
  const question = pick(await questionsOf(platform), answer.id, answer.decision);
  if (question.kind === 'held-deletes') {
    const { engine } = await prepareEngine(session);
    await engine.decideHeld(question.laneId, question.id, answer.decision === 'apply' ? 'apply' : 'keep');
  } else {
    await platform.state.sync.decide(question.id, answer.decision, platform.clock.now());
    await platform.state.sync.hintLane(question.laneId, platform.clock.now());
  }
  session.progress.clear();
  cli.json({ id: question.id, laneId: question.laneId, kind: question.kind, decision: answer.decision });
  cli.say(`Recorded: ${answer.decision}. The next sync acts on it.`);
}

export function reviewCommand(cli: Cli): Command {
  const command = new Command('review').description('what only a person can decide');
  command.action(async () => {
    const questions = await withPlatform(cli, ({ platform }) => questionsOf(platform));
    cli.json({ questions });
    print(cli, questions);
  });
  command
    .command('decide')
    .description('answer a question, or approve (apply) or refuse for good (keep) held deletes')
    .argument('<id>', 'id of the question or hash of the held deletes')
    .argument('<decision>', 'link, separate, keep or apply')
    .action((id: string, decision: string) =>
      withPlatform(cli, (session) => decide(cli, session, { id, decision })),
    );
  return command;
}
