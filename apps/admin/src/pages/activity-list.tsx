import { Radio } from 'lucide-react';
import { Link } from 'wouter';
import { Moment } from '../components/moment.tsx';
import { Progress } from '../components/progress.tsx';
import { Empty } from '../components/states.tsx';
import { ToneIcon } from '../components/tone.tsx';
import { useLive } from '../shell/live.tsx';
import { type EventWords, sayEvent } from '../words/event-words.ts';
import { phaseText } from '../words/job-words.ts';

interface Said extends EventWords {
  readonly id: string;
  readonly at: number;
}

function Entry({ said: { at, where, text, tone, href } }: { readonly said: Said }) {
  return (
    <li className="entry">
      <ToneIcon tone={tone} />
      <div className="entry-text">
        <span className="break">{href === null ? text : <Link href={href}>{text}</Link>}</span>
        {where !== null && <span className="muted small break">{where}</span>}
      </div>
      <span className="muted small nowrap">
        <Moment at={at} />
      </span>
    </li>
  );
}

const GOING_SHOWN = 5;

/** Mailboxes that are worked on at this moment. */
export function GoingList() {
  const { going } = useLive();
  if (going.size === 0) return null;
  return (
    <ul aria-label="Worked on now" className="list list-bottom">
      {[...going].slice(0, GOING_SHOWN).map(([label, { phase, done, total }]) => (
        <li key={label}>
          <Progress done={done} label={phaseText({ mailbox: label, phase: phase as 'read' })} total={total} />
        </li>
      ))}
    </ul>
  );
}

interface ActivityListProps {
  readonly most: number;
  readonly only?: (said: EventWords) => boolean;
}

/** What happens, as it happens. */
export function ActivityList({ most, only }: ActivityListProps) {
  const { open, events } = useLive();
  const shown: Said[] = [];
  for (const event of events) {
    if (shown.length >= most) break;
    const said = sayEvent(event);
    if (said !== null && (only?.(said) ?? true)) shown.push({ ...said, id: event.id, at: event.at });
  }
  if (shown.length === 0) {
    return (
      <Empty icon={Radio} title={open === false ? 'The live connection is broken' : 'Nothing to show yet'}>
        {open === false
          ? 'The page connects again by itself; what happens meanwhile stands in History.'
          : 'What runs do appears here the moment it happens. What they changed stands in History.'}
      </Empty>
    );
  }
  return (
    <ul aria-label="Latest first" className="list">
      {shown.map((said) => (
        <Entry key={said.id} said={said} />
      ))}
    </ul>
  );
}
