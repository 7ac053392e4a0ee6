import {
  ANSWER_EFFECT,
  answerQuestion,
  openQuestions,
  pickQuestion,
  QUESTION_HEADING,
  type QuestionKind,
  requireAnswer,
} from '@tidelock/host';
import { Command } from 'commander';
import { toLimit } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { UsageError } from '../failure.ts';
import { type Session, withPlatform } from '../session.ts';
import { plural } from '../words.ts';

interface DecideOptions {
  readonly kind?: string;
  readonly all?: string;
  readonly mailbox?: string;
  readonly count?: number;
}

function refuse(path: string, reason: string, remedy: string): never {
  throw new UsageError([{ path, reason, remedy }]);
}

async function decideOne(cli: Cli, session: Session, of: { id: string; decision: string }): Promise<void> {
  const question = pickQuestion(await openQuestions(session.platform), of.id);
  requireAnswer(question.kind, of.decision);
  await answerQuestion(session.platform, question, of.decision);
  session.progress.clear();
  const { id, laneId, kind } = question;
  cli.json({ id, laneId, kind, decision: of.decision });
  cli.say(
    kind === 'mailbox'
      ? `Recorded. ${question.mailbox} belongs to ${of.decision}; the next sync takes it in.`
      : `Recorded. ${of.decision}: ${ANSWER_EFFECT[kind][of.decision] ?? ''}`.trim(),
  );
}

/** Bulk answers need the number of questions that they answer: what came meanwhile is not answered by mistake. */
async function requireCount(cli: Cli, options: DecideOptions, count: number): Promise<void> {
  let given = options.count;
  if (given === undefined && cli.terminal.ask !== null) {
    const text = `${plural(count, 'question')} will be answered "${options.all}". Type ${count} to go on: `;
    given = Number.parseInt(await cli.terminal.ask(text), 10);
  }
  if (given === count) return;
  const reason = `${plural(count, 'question')} would be answered`;
  refuse(
    '--count',
    given === undefined ? reason : `${reason}, not ${given}`,
    `Look at them (tidelock review), then add --count ${count}.`,
  );
}

async function decideAll(cli: Cli, session: Session, options: DecideOptions): Promise<void> {
  const { kind = '', all: decision = '', mailbox } = options;
  if (!Object.hasOwn(QUESTION_HEADING, kind))
    refuse(
      '--kind',
      'says which questions --all answers',
      `One of: ${Object.keys(QUESTION_HEADING).join(', ')}`,
    );
  const wanted = kind as QuestionKind;
  requireAnswer(wanted, decision);
  const questions = (await openQuestions(session.platform)).filter(
    (question) =>
      question.kind === wanted &&
      (mailbox === undefined || question.mailbox.toLowerCase() === mailbox.toLowerCase()),
  );
  if (questions.length === 0) {
    cli.json({ kind, decision, answered: [] });
    cli.say('No open question of this kind.');
    return;
  }
  await requireCount(cli, options, questions.length);
  const answered: string[] = [];
  for (const question of questions) {
    await answerQuestion(session.platform, question, decision);
    answered.push(question.id);
  }
  session.progress.clear();
  cli.json({ kind, decision, answered });
  cli.say(
    `Recorded for ${plural(answered.length, 'question')}. ${decision}: ${ANSWER_EFFECT[wanted][decision] ?? ''}`.trim(),
  );
}

export function decideCommand(cli: Cli): Command {
  return new Command('decide')
    .description(
      'answer a question, or all of a kind; approve (apply) or refuse for good (keep) held deletes',
    )
    .argument('[id]', 'id of the question or hash of the held deletes, or its first letters')
    .argument('[answer]', 'one of the answers that `review` lists behind the question')
    .option('--kind <kind>', 'with --all: which questions')
    .option('--all <answer>', 'the same answer to every open question of --kind')
    .option('--mailbox <address>', 'with --all: of this mailbox only')
    .option('--count <n>', 'with --all: how many questions you mean to answer', toLimit)
    .action((id: string | undefined, decision: string | undefined, options: DecideOptions) => {
      if (options.all !== undefined && id === undefined)
        return withPlatform(cli, (session) => decideAll(cli, session, options));
      if (id === undefined || decision === undefined || options.all !== undefined)
        return refuse(
          'review decide',
          'wants an id and an answer, or --kind and --all',
          'List the questions: tidelock review',
        );
      return withPlatform(cli, (session) => decideOne(cli, session, { id, decision }));
    });
}
