import type { Session } from './access.ts';
import { checkAccess, requireMailboxUser } from './access.ts';
import { answerCalendars, isCalendarSegment } from './calendar/calendars-api.ts';
import { answerContacts } from './contacts-api.ts';
import { answerFolders } from './folders-api.ts';
import type { GraphAnswer, GraphCall } from './graph-call.ts';
import { badRequest, unknownSegment } from './graph-error.ts';
import { answerGroup } from './groups-api.ts';
import { settleMailbox } from './mailbox.ts';
import type { MailboxCall } from './mailbox-call.ts';
import { answerSubscriptions } from './push/subscriptions-api.ts';
import { acquireSlot } from './throttle.ts';
import { answerMailboxSettings, answerUser, answerUsers } from './users-api.ts';
import type { User, World } from './world.ts';

/** `user` is set for requests that go to a mailbox and so through its slots. */
interface Operation {
  user: User | undefined;
  roles: readonly string[];
  run(): GraphAnswer | Promise<GraphAnswer>;
}

const rolesFor = (area: 'Contacts' | 'Calendars', method: string): readonly string[] =>
  method === 'GET' ? [`${area}.Read`, `${area}.ReadWrite`] : [`${area}.ReadWrite`];

const directory = (run: Operation['run']): Operation => ({ user: undefined, roles: [], run });

const resolveMailbox = (world: World, session: Session, call: GraphCall): Operation => {
  const [, key = '', segment = '', ...tail] = call.segments;
  const user = requireMailboxUser(session, key);
  const request = (): MailboxCall => {
    settleMailbox(user.mailbox, world.clock.now());
    return { world, call, session, user, mailbox: user.mailbox };
  };
  const roles = rolesFor('Contacts', call.method);
  const name = segment.toLowerCase();
  if (name === 'contacts') {
    const place = { folder: user.mailbox.defaultFolder, flat: true };
    return { user, roles, run: () => answerContacts(request(), place, tail) };
  }
  if (name === 'contactfolders') {
    return { user, roles, run: () => answerFolders(request(), user.mailbox.defaultFolder, tail) };
  }
  if (isCalendarSegment(name)) {
    const calendarRoles = rolesFor('Calendars', call.method);
    return { user, roles: calendarRoles, run: () => answerCalendars(request(), [segment, ...tail]) };
  }
  if (name === 'mailboxsettings' && tail.length === 0) {
    const settingsRoles = ['MailboxSettings.Read', 'MailboxSettings.ReadWrite'];
    return { user, roles: settingsRoles, run: () => answerMailboxSettings(request()) };
  }
  throw unknownSegment(segment);
};

const resolve = (world: World, session: Session, call: GraphCall): Operation => {
  const [root = '', key, segment] = call.segments;
  const name = root.toLowerCase();
  if (name === 'me') throw badRequest('/me request is only valid with delegated authentication flow.');
  if (name === 'subscriptions') return directory(() => answerSubscriptions({ world, session, call }));
  if (name === 'groups' && key !== undefined) return directory(() => answerGroup(session, call));
  if (name !== 'users') throw unknownSegment(root);
  if (key === undefined) return directory(() => answerUsers(session, call));
  if (segment === undefined) return directory(() => answerUser(session, call, key));
  return resolveMailbox(world, session, call);
};

// Taken once: a test that fakes the global timers must not stop the emulator.
const later = setImmediate;

/** Lets requests that arrived together overlap, as they would on the service. */
const nextTurn = (): Promise<void> => new Promise((resume) => later(resume));

const runOnce = async ({ world, session, call }: Caller, operation: Operation): Promise<GraphAnswer> => {
  const running = operation.run();
  const answer = running instanceof Promise ? await running : running;
  if (call.method !== 'GET' && operation.user !== undefined) {
    world.writes.push(
      Object.freeze({
        method: call.method,
        path: call.url.pathname,
        at: world.clock.now(),
        userId: operation.user.id,
        clientId: session.clientId,
        status: answer.status,
      }),
    );
  }
  return answer;
};

export interface Caller {
  world: World;
  session: Session;
  call: GraphCall;
}

export interface Execution {
  /** Extra time, on the emulator's clock, during which the mailbox slot is held. */
  delayMs: number;
  /** Twice for a duplicated request; the last answer counts. */
  times: 1 | 2;
  signal: AbortSignal | undefined;
}

/** Access, then a slot of the mailbox for as long as the request takes, then the operation. Throws GraphFailure. */
export async function executeCall(caller: Caller, execution: Execution): Promise<GraphAnswer> {
  const { world, session, call } = caller;
  const operation = resolve(world, session, call);
  const { user } = operation;
  if (user !== undefined) checkAccess(session, user, operation.roles);
  const release = user === undefined ? undefined : acquireSlot(world, session.clientId, user.id);
  try {
    const waitMs = execution.delayMs + (user === undefined ? 0 : world.settings.latencyMs);
    if (waitMs > 0) await world.clock.sleep(waitMs, execution.signal);
    else await nextTurn();
    const answer = await runOnce(caller, operation);
    return execution.times === 2 ? await runOnce(caller, operation) : answer;
  } finally {
    release?.();
  }
}
