import { Radio } from 'lucide-react';
import type { LiveEvent } from '../api/events.ts';
import { Moment } from '../components/moment.tsx';
import { Progress } from '../components/progress.tsx';
import { Empty } from '../components/states.tsx';
import { ToneIcon } from '../components/tone.tsx';
import { useLive } from '../shell/live.tsx';

interface ActivityListProps {
  readonly most: number;
  readonly only?: (event: LiveEvent) => boolean;
}

function Entry({ event: { at, mailbox, text, tone, progress } }: { readonly event: LiveEvent }) {
  return (
    <li className="entry">
      <ToneIcon tone={tone} />
      <div className="entry-text">
        <span>{text}</span>
        {mailbox !== null && <span className="muted small break">{mailbox}</span>}
        {progress !== null && <Progress done={progress.done} hideLabel label={text} total={progress.total} />}
      </div>
      <span className="muted small nowrap">
        <Moment at={at} />
      </span>
    </li>
  );
}

/** What happens, as it happens. */
export function ActivityList({ most, only }: ActivityListProps) {
  const { open, events } = useLive();
  const shown = events.filter((event) => only?.(event) ?? true).slice(0, most);
  if (shown.length === 0) {
    return (
      <Empty
        icon={Radio}
        title={open === false ? 'The live connection is broken' : 'Nothing has happened since you came'}
      >
        {open === false
          ? 'The page connects again by itself; what happens meanwhile stands in History.'
          : 'What runs do appears here the moment it happens. What they did before stands in History.'}
      </Empty>
    );
  }
  return (
    <ul aria-label="Latest first" className="list">
      {shown.map((event) => (
        <Entry event={event} key={event.id} />
      ))}
    </ul>
  );
}
