import { useQuery } from '@tanstack/react-query';
import { Plus, SlidersHorizontal } from 'lucide-react';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { type Profile, readProfiles } from '../api/profiles.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { TextInput } from '../components/field.tsx';
import { Page } from '../components/page.tsx';
import { Empty, Loaded } from '../components/states.tsx';
import { type Column, Table } from '../components/table.tsx';
import { Pill } from '../components/tone.tsx';
import { useMay } from '../shell/session.tsx';
import { count } from '../words/figures.ts';
import { directionText, nameProblem, recordsText } from '../words/profile-words.ts';

function columnsOf(defaultProfile: string): readonly Column<Profile>[] {
  return [
    {
      key: 'name',
      title: 'Profile',
      heading: true,
      cell: ({ name, description }) => (
        <span>
          <Link href={`/profiles/${name}`}>{name}</Link>{' '}
          {name === defaultProfile && <Pill tone="neutral">default</Pill>}
          <span className="sub">{description}</span>
        </span>
      ),
    },
    {
      key: 'contacts',
      title: 'Contacts',
      cell: ({ effective }) => flowOf(effective.contacts),
    },
    {
      key: 'records',
      title: 'CRM records',
      cell: ({ effective }) => recordsText((effective.contacts as Rules | null)?.records),
    },
    { key: 'events', title: 'Events', cell: ({ effective }) => flowOf(effective.events) },
    { key: 'mailboxes', title: 'Mailboxes', numeric: true, cell: ({ mailboxes }) => count(mailboxes) },
  ];
}

type Rules = Readonly<Record<string, unknown>>;

function flowOf(rules: unknown) {
  const { sync, direction } = (rules ?? { sync: false }) as Rules;
  if (sync === false || typeof direction !== 'string') return <span className="muted">no part</span>;
  return directionText(direction);
}

function NewProfile({ names, onClose }: { readonly names: readonly string[]; readonly onClose: () => void }) {
  const [name, setName] = useState('');
  const [touched, setTouched] = useState(false);
  const [, go] = useLocation();
  const problem = nameProblem(name, names);
  return (
    <Dialog onClose={onClose} open title="New profile">
      <TextInput
        autoFocus
        error={touched && problem !== null ? problem : undefined}
        hint="It begins with the rules of the defaults. Nothing changes before you save."
        label="Name"
        onChange={setName}
        value={name}
      />
      <div className="dialog-actions">
        <Button onPress={onClose}>Cancel</Button>
        <Button
          kind="primary"
          onPress={() => {
            setTouched(true);
            if (problem === null) go(`/profiles/${name}`);
          }}
        >
          Go on
        </Button>
      </div>
    </Dialog>
  );
}

export function ProfilesPage() {
  const profiles = useQuery({ queryKey: ['profiles'], queryFn: readProfiles });
  const [adding, setAdding] = useState(false);
  const may = useMay('setup');
  return (
    <Page
      about="Named sets of rules: what takes part, which way it flows, what happens at conflicts and deletes."
      actions={
        may && (
          <Button icon={Plus} onPress={() => setAdding(true)}>
            New profile
          </Button>
        )
      }
      title="Profiles"
    >
      <Loaded label="Reading the profiles" query={profiles}>
        {({ items, defaultProfile }) => (
          <div className="card">
            <Table
              columns={columnsOf(defaultProfile)}
              empty={
                <Empty icon={SlidersHorizontal} title="No profile yet">
                  Everybody follows the defaults of the configuration.
                </Empty>
              }
              keyOf={({ name }) => name}
              label="Profiles"
              rows={items}
            />
          </div>
        )}
      </Loaded>
      {adding && (
        <NewProfile
          names={(profiles.data?.items ?? []).map(({ name }) => name)}
          onClose={() => setAdding(false)}
        />
      )}
    </Page>
  );
}
