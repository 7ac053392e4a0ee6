import { Command } from 'commander';
import { toLimit } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { UsageError } from '../failure.ts';
import { type OpenQuestion, openQuestions } from '../open-questions.ts';
import { CRM_USER, DECISIONS, EFFECT, HEADING, QUESTION, type QuestionKind } from '../questions.ts';
import { prepareEngine, type Session, withPlatform } from '../session.ts';
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

/** The one open question with this id, or whose id starts like this. Throws bad input otherwise. */
export function pickQuestion(questions: readonly OpenQuestion[], id: string): OpenQuestion {
  const exact = questions.filter((question) => question.id === id);
  const found = exact.length > 0 ? exact : questions.filter((question) => question.id.startsWith(id));
  const [question] = found;
  if (question === undefined) return refuse(id, 'no open question has this id', 'List them: tidelock review');
  if (found.length > 1)
    return refuse(id, `${found.length} questions start like this`, 'Write more of the id.');
  return question;
}

function requireAnswer(kind: QuestionKind, decision: string): void {
  const answers = DECISIONS[kind];
  if (answers.includes(decision) || (answers.includes(CRM_USER) && decision !== '')) return;
  refuse(decision, `is no answer to "${QUESTION[kind]}"`, `Use one of: ${answers.join(', ')}.`);
}

async function answer(session: Session, question: OpenQuestion, decision: string): Promise<void> {
  const { platform } = session;
  if (question.review !== null) return platform.answer(question.review, decision);
  if (question.kind === 'mailbox') {
    await platform.administration.match(question.mailbox, decision);
    return;
  }
  const { engine } = await prepareEngine(session);
  await engine.decideHeld(question.laneId, question.id, decision === 'apply' ? 'apply' : 'keep');
  await platform.administration.record({
    ...{ act: 'held.decided', subject: question.id, laneId: question.laneId },
    ...{ before: { held: question.reasons }, after: { decision } },
  });
}

async function decideOne(cli: Cli, session: Session, of: { id: string; decision: string }): Promise<void> {
  const question = pickQuestion(await openQuestions(session.platform), of.id);
  requireAnswer(question.kind, of.decision);
  await answer(session, question, of.decision);
  session.progress.clear();
  const { id, laneId, kind } = question;
  cli.json({ id, laneId, kind, decision: of.decision });
  cli.say(
    kind === 'mailbox'
      ? `Recorded. ${question.mailbox} belongs to ${of.decision}; the next sync takes it in.`
      : `Recorded. ${of.decision}: ${EFFECT[kind][of.decision] ?? ''}`.trim(),
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
  if (!Object.hasOwn(HEADING, kind))
    refuse('--kind', 'says which questions --all answers', `One of: ${Object.keys(HEADING).join(', ')}`);
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
    await answer(session, question, decision);
    answered.push(question.id);
  }
  session.progress.clear();
  cli.json({ kind, decision, answered });
  cli.say(
    `Recorded for ${plural(answered.length, 'question')}. ${decision}: ${EFFECT[wanted][decision] ?? ''}`.trim(),
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
