import type { Case } from '../harness.ts';
import type { RecordStoreFixture, RecordStoreTraits } from './fixture.ts';
import { openSession, type Session } from './session.ts';

export type RecordCase = Case<RecordStoreFixture, RecordStoreTraits>;

type Body = (session: Session) => Promise<void>;

/** A case that starts with a session on its fixture. */
// biome-ignore lint/complexity/useMaxParams: the columns of the case tables
export function caseOf(
  id: string,
  title: string,
  body: Body,
  needs?: (traits: RecordStoreTraits) => string | null,
): RecordCase {
  const run = async (fixture: RecordStoreFixture) => body(await openSession(fixture));
  return needs === undefined ? { id, title, run } : { id, title, needs, run };
}
