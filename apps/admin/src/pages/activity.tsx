import { useState } from 'react';
import { SearchInput } from '../components/field.tsx';
import { Page } from '../components/page.tsx';
import { SelectInput } from '../components/select.tsx';
import { Pill } from '../components/tone.tsx';
import { useLive } from '../shell/live.tsx';
import { ActivityList, GoingList } from './activity-list.tsx';

const TONES = [
  { id: 'all', label: 'Everything' },
  { id: 'trouble', label: 'Only what went wrong' },
] as const;

function LivePill() {
  const { open } = useLive();
  if (open === null) return <Pill tone="neutral">Connecting</Pill>;
  return open ? <Pill tone="ok">Live</Pill> : <Pill tone="warn">Connecting again</Pill>;
}

export function ActivityPage() {
  const [text, setText] = useState('');
  const [which, setWhich] = useState<(typeof TONES)[number]['id']>('all');
  const wanted = text.trim().toLowerCase();
  return (
    <Page about="What happens on the server, the moment it happens." actions={<LivePill />} title="Activity">
      <div className="card">
        <div className="toolbar">
          <SearchInput label="Mailbox or word" onChange={setText} value={text} />
          <SelectInput choices={TONES} hideLabel label="Which events" onChange={setWhich} value={which} />
        </div>
        <GoingList />
        <ActivityList
          most={200}
          only={({ where, text: said, tone }) =>
            (which === 'all' || tone === 'warn' || tone === 'bad') &&
            `${said} ${where ?? ''}`.toLowerCase().includes(wanted)
          }
        />
      </div>
    </Page>
  );
}
