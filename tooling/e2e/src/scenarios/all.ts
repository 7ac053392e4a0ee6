import type { Scenario } from '../scenario.ts';
import {
  deleted,
  editBeatsDelete,
  emptied,
  keep,
  onlyLooksDeleted,
  unlinked,
  withoutMailbox,
} from './deletes.ts';
import { firstSync, lostAnswers, normalised, ownContacts, reset } from './first-sync.ts';
import { awayAndBack, copied, echoOverTheCrm, foreignIds, sharedPeople } from './mailboxes.ts';
import { anotherOwner } from './scope.ts';
import { endlessPages, lostTokens, poison, squeezed, throttled, unknownCompany } from './trouble.ts';
import { killedWorker, outage } from './workers.ts';

/** Each makes a fresh one: a play remembers what it saw. */
export const SCENARIOS: readonly (() => Scenario)[] = [
  anotherOwner,
  firstSync,
  reset,
  echoOverTheCrm,
  normalised,
  lostAnswers,
  sharedPeople,
  foreignIds,
  emptied,
  withoutMailbox,
  copied,
  keep,
  deleted,
  unlinked,
  editBeatsDelete,
  poison,
  onlyLooksDeleted,
  lostTokens,
  throttled,
  outage,
  killedWorker,
  awayAndBack,
  squeezed,
  unknownCompany,
  ownContacts,
  endlessPages,
];
