import { printable, wrap } from '../table.ts';
import { plural } from '../words.ts';
import { type Stage, untilSeen } from './act.ts';
import { HEARING, PLANNING } from './agenda.ts';
import { mailsSent } from './calendar-checks.ts';
import { type Happening, happeningsOf } from './happenings.ts';
import { tellEdits, tellHappenings } from './narration.ts';
import type { Services } from './services.ts';
import type { Edit } from './story.ts';

const ROOM = 'Room 216';
const WIDTH = 110;

/** A change that waits because people would get mail. */
export interface Withheld {
  readonly meeting: string;
  readonly people: number;
  /** What the profile says about such changes (`events.notify`). */
  readonly policy: string;
  /** In the words of `tidelock why`. */
  readonly why: string;
}

export interface CalendarStory {
  readonly edits: readonly Edit[];
  readonly happenings: readonly Happening[];
  readonly withheld: readonly Withheld[];
  /** As the services count them. */
  readonly emailsSent: number;
}

/** Somebody at the CRM gives two meetings a room. */
function playEdits({ crm }: Services): Edit[] {
  return [HEARING, PLANNING].map((subject): Edit => {
    const event = crm.events().find((one) => one.subject === subject);
    if (event === undefined) throw new Error(`the demo has lost its meeting "${subject}" in the CRM`);
    crm.updateEvent(event.id, { location: ROOM });
    return { where: 'crm', who: subject, what: `location: ${ROOM}` };
  });
}

/** What the plan says would notify people, and what `why` says about it after the sync that did not. */
async function withheldNow({ platform, ledger, progress }: Stage): Promise<() => Promise<Withheld[]>> {
  const reports = ledger.split(await (await platform.engine()).plan()).events;
  progress.clear();
  const items = reports.flatMap(({ plan }) => plan).filter((item) => item.withheld > 0);
  const policy = platform.profiles().find(({ events }) => events !== null)?.events?.notify ?? '';
  return () =>
    Promise.all(
      items.map(async ({ title, withheld, linkId }) => {
        const found = await platform.explain({ query: linkId ?? '', limit: 1 });
        const sentences = found.items.flatMap((item) => item.sentences);
        const why = sentences.find(({ code }) => code === 'withheld')?.text ?? '';
        return { meeting: title, people: withheld, policy, why };
      }),
    );
}

function tellMail({ say, services }: Stage, withheld: readonly Withheld[]): number {
  for (const { meeting, people, policy, why } of withheld) {
    const [mails, guests] = [plural(people, 'e-mail'), plural(people, 'person', 'people')];
    say.warn(
      `${mails} would have left: "${printable(meeting)}" to ${guests}: withheld, policy ${printable(policy)}`,
    );
    for (const line of wrap(printable(why), WIDTH)) say.line(`  ${line}`);
  }
  const sent = mailsSent(services);
  const counted = `${plural(sent, 'e-mail')} left, counted at the services`;
  if (sent === 0) say.good(counted);
  else say.warn(counted);
  return sent;
}

/** An edit that nobody would be told of goes into the calendar; one that people would get mail about is withheld. */
export async function actCalendar(stage: Stage): Promise<CalendarStory> {
  const { say, progress, services, ledger } = stage;
  say.step('Meetings are edited in the CRM', 'people are invited to one of them, nobody to the other');
  const edits = playEdits(services);
  tellEdits(say, edits);
  await untilSeen(stage);
  const settle = await withheldNow(stage);
  const { reports } = await ledger.sync();
  progress.clear();
  const happenings = happeningsOf(ledger.split(reports).events.flatMap(({ done }) => done));
  tellHappenings(say, happenings);
  const withheld = await settle();
  return { edits, happenings, withheld, emailsSent: tellMail(stage, withheld) };
}
