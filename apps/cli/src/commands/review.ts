import type { HeldDeletes, Review } from '@tidelock/core';
import type { Platform } from '@tidelock/host';
import { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { UsageError } from '../failure.ts';
import { DECISIONS, EFFECT, QUESTION, type QuestionKind } from '../questions.ts';
import { prepareEngine, type Session, withPlatform } from '../session.ts';
import { printable } from '../table.ts';
import { plural, SIDE } from '../words.ts';

interface Question {
  readonly id: string;
  readonly laneId: string;
  readonly mailbox: string;
  readonly kind: QuestionKind;
  readonly reasons: readonly string[];
  readonly score: number | null;
  readonly decisions: readonly string[];
  /** What the state store holds; null for held deletes. */
  readonly review: Review | null;
}

const fromReview = (review: Review, mailbox: string): Question => ({
  id: review.id,
  laneId: review.laneId,
  mailbox,
  kind: review.kind,
  reasons: review.reasons,
  score: review.score,
  decisions: DECISIONS[review.kind],
  review,
});

const fromHeld = (held: HeldDeletes, lane: { id: string; label: string }): Question => ({
  id: held.hash,
  laneId: lane.id,
  mailbox: lane.label,
  kind: 'held-deletes',
  reasons: [`${plural(held.count, 'delete')} in the ${SIDE[held.side]}: ${held.reason}`],
  score: null,
  decisions: DECISIONS['held-deletes'],
  review: null,
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
    cli.say(`${bold(question.id)}  ${printable(question.mailbox)}  ${QUESTION[question.kind]}`);
    for (const reason of question.reasons) cli.say(`  ${printable(reason)}`);
    cli.say(`  ${dim('→')} tidelock review decide ${question.id} ${question.decisions.join('|')}\n`);
  }
  cli.say(`${plural(questions.length, 'question')}. The first letters of an id will do.`);
  cli.say(dim('What lies behind one: tidelock why <id>'));
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
    return refuse(decision, `is no answer to "${QUESTION[question.kind]}"`, remedy);
  }
  return question;
}

async function decide(cli: Cli, session: Session, answer: { id: string; decision: string }): Promise<void> {
  const { platform } = session;
  const question = pick(await questionsOf(platform), answer.id, answer.decision);
  if (question.review === null) {
    const { engine } = await prepareEngine(session);
    await engine.decideHeld(question.laneId, question.id, answer.decision === 'apply' ? 'apply' : 'keep');
  } else {
    await platform.answer(question.review, answer.decision);
  }
  session.progress.clear();
  cli.json({ id: question.id, laneId: question.laneId, kind: question.kind, decision: answer.decision });
  cli.say(`Recorded: ${answer.decision}. ${EFFECT[answer.decision] ?? ''}`.trim());
}

export function reviewCommand(cli: Cli): Command {
  const command = new Command('review').description('what only a person can decide');
  command.action(async () => {
    const questions = await withPlatform(cli, ({ platform }) => questionsOf(platform));
    cli.json({ questions: questions.map(({ review: _, ...question }) => question) });
    print(cli, questions);
  });
  command
    .command('decide')
    .description('answer a question; approve (apply) or refuse for good (keep) held deletes')
    .argument('<id>', 'id of the question or hash of the held deletes')
    .argument('<decision>', 'one of the answers that `review` lists behind the question')
    .action((id: string, decision: string) =>
      withPlatform(cli, (session) => decide(cli, session, { id, decision })),
    );
  return command;
}
