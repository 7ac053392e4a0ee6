import { InputError } from '@tidelock/core';
import type { ActingPlatform } from '../platform.ts';
import type { OpenQuestion } from './open-questions.ts';
import { ANSWERS, CRM_USER, QUESTION_TEXT } from './questions.ts';

function refuse(path: string, reason: string, remedy: string): never {
  throw new InputError(`${path}: ${reason}`, [{ path, reason, remedy }]);
}

/** The one open question with this id, or whose id starts like this. Throws `InputError` for none or several. */
export function pickQuestion(questions: readonly OpenQuestion[], id: string): OpenQuestion {
  const exact = questions.filter((question) => question.id === id);
  const found = exact.length > 0 ? exact : questions.filter((question) => question.id.startsWith(id));
  const [question] = found;
  if (question === undefined) return refuse(id, 'no open question has this id', 'List them: tidelock review');
  if (found.length > 1)
    return refuse(id, `${found.length} questions start like this`, 'Write more of the id.');
  return question;
}

/** Throws `InputError` for what is no answer to this kind of question. */
export function requireAnswer(kind: OpenQuestion['kind'], decision: string): void {
  const answers = ANSWERS[kind];
  if (answers.includes(decision) || (answers.includes(CRM_USER) && decision !== '')) return;
  refuse(decision, `is no answer to "${QUESTION_TEXT[kind]}"`, `Use one of: ${answers.join(', ')}.`);
}

/**
 * Records a person's answer, whatever kind of question it is, in the audit trail too; the next sync acts on it. Makes requests
 * for held fields, for "keep" to held deletes, and for a CRM user. Throws `conflict` while somebody works on that mailbox.
 */
export async function answerQuestion(
  platform: ActingPlatform,
  question: OpenQuestion,
  decision: string,
): Promise<void> {
  requireAnswer(question.kind, decision);
  if (question.review !== null) return platform.answer(question.review, decision);
  if (question.kind === 'mailbox') {
    await platform.administration.match(question.mailbox, decision);
    return;
  }
  const engine = await platform.engine();
  if (decision === 'keep') await engine.prepare();
  await engine.decideHeld(question.laneId, question.id, decision === 'apply' ? 'apply' : 'keep');
  await platform.administration.record({
    ...{ act: 'held.decided', subject: question.id, laneId: question.laneId },
    ...{ before: { held: question.reasons }, after: { decision } },
  });
}
