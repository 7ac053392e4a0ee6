import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Inbox, Pause, Play, RotateCcw, RotateCw, UserRoundPen } from 'lucide-react';
import { useState } from 'react';
import { useSearch } from 'wouter';
import { type MailboxRow, type Roster, readRoster, refreshRoster } from '../api/mailboxes.ts';
import type { Lane } from '../api/status.ts';
import { Button } from '../components/button.tsx';
import { SearchInput } from '../components/field.tsx';
import { type MenuChoice, RowMenu } from '../components/menu.tsx';
import { Page } from '../components/page.tsx';
import { SelectInput } from '../components/select.tsx';
import { Empty, Loaded } from '../components/states.tsx';
import { type Column, Table } from '../components/table.tsx';
import { useToasts } from '../components/toast.tsx';
import { Pill } from '../components/tone.tsx';
import { STATUS_KEY, useStatus } from '../shell/badges.ts';
import { useMay } from '../shell/session.tsx';
import { plural } from '../words/figures.ts';
import { filterMailboxes, MAILBOX_FILTERS, type MailboxFilter, mailboxState } from '../words/mailbox-rows.ts';
import { BulkBar } from './mailbox-bulk.tsx';
import { type Doing, MailboxDialog } from './mailbox-dialogs.tsx';

const ROSTER_KEY = ['mailboxes'] as const;

function UserCell({ row: { crmUser, matchedBy, candidates } }: { readonly row: MailboxRow }) {
  if (crmUser === null)
    return <span className="muted">{candidates.length > 1 ? `${candidates.length} fit` : '–'}</span>;
  return (
    <>
      {crmUser.name}
      <span className="sub">{matchedBy === 'decided' ? 'decided by a person' : matchedBy}</span>
    </>
  );
}

function menuOf(row: MailboxRow, { act, may }: Acting) {
  const { address, state } = row;
  const choices: MenuChoice[] = [];
  if (state !== 'not named' && state !== 'removed')
    choices.push({
      ...{ id: 'match', label: 'Choose its CRM user', icon: UserRoundPen },
      onAction: () => act({ kind: 'match', row }),
    });
  if (state === 'paused')
    choices.push({
      ...{ id: 'resume', label: 'Resume', icon: Play },
      onAction: () => act({ kind: 'resume', addresses: [address] }),
    });
  if (state === 'takes part')
    choices.push({
      ...{ id: 'pause', label: 'Pause', icon: Pause },
      onAction: () => act({ kind: 'pause', addresses: [address] }),
    });
  if (state === 'takes part' || state === 'paused')
    choices.push({
      ...{ id: 'reset', label: 'Read both sides again', icon: RotateCcw },
      onAction: () => act({ kind: 'reset', address }),
    });
  return may ? choices : [];
}

interface Acting {
  readonly act: (doing: Doing) => void;
  readonly may: boolean;
}

function columnsOf(acting: Acting, lanes: ReadonlyMap<string, Lane>): readonly Column<MailboxRow>[] {
  return [
    {
      key: 'mailbox',
      title: 'Mailbox',
      heading: true,
      cell: ({ name, address }) => (
        <span>
          {name}
          <span className="sub break">{address}</span>
        </span>
      ),
    },
    {
      key: 'profile',
      title: 'Profile',
      cell: ({ profile, rule }) =>
        profile === null ? (
          <span className="muted">none</span>
        ) : (
          <span>
            {profile}
            <span className="sub">{rule}</span>
          </span>
        ),
    },
    {
      key: 'user',
      title: 'CRM user',
      cell: (row) => (
        <span>
          <UserCell row={row} />
        </span>
      ),
    },
    {
      key: 'state',
      title: 'State',
      cell: (row) => {
        const { tone, word, text } = mailboxState(row, lanes);
        return (
          <span>
            <Pill tone={tone}>{word}</Pill>
            {text !== null && <span className="sub">{text}</span>}
          </span>
        );
      },
    },
    {
      key: 'menu',
      title: '',
      cell: (row) => {
        const choices = menuOf(row, acting);
        return choices.length > 0 && <RowMenu choices={choices} label={`What to do with ${row.address}`} />;
      },
    },
  ];
}

interface ContentProps {
  readonly roster: Roster;
  readonly filter: MailboxFilter;
  readonly onFilter: (filter: MailboxFilter) => void;
}

function Content({ roster, filter, onFilter }: ContentProps) {
  const [text, setText] = useState('');
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [doing, setDoing] = useState<Doing | null>(null);
  const client = useQueryClient();
  const may = useMay('operator');
  const status = useStatus();
  const lanes = new Map((status.data?.lanes ?? []).map((lane) => [lane.label.toLowerCase(), lane]));
  const rows = filterMailboxes(roster.items, { filter, text, lanes });
  const done = (): void => {
    setDoing(null);
    setPicked(new Set());
    void client.invalidateQueries({ queryKey: ROSTER_KEY });
    void client.invalidateQueries({ queryKey: STATUS_KEY });
  };
  return (
    <>
      <div className="card">
        <div className="toolbar">
          <SearchInput label="Name or address" onChange={setText} value={text} />
          <SelectInput
            choices={MAILBOX_FILTERS}
            hideLabel
            label="Which mailboxes"
            onChange={onFilter}
            value={filter}
          />
          <span className="muted small num toolbar-end">{plural(rows.length, 'mailbox', 'mailboxes')}</span>
        </div>
        {picked.size > 0 && <BulkBar onDo={setDoing} onDone={done} picked={[...picked]} />}
        <Table
          columns={columnsOf({ act: setDoing, may }, lanes)}
          empty={<NoMailbox first={filter === 'named' && roster.items.length === 0} onFilter={onFilter} />}
          keyOf={({ address }) => address}
          label="Mailboxes"
          rows={rows}
          {...(may && { picking: { picked, onPick: setPicked, nameOf: (key: string) => key } })}
        />
      </div>
      {doing !== null && <MailboxDialog doing={doing} onClose={() => setDoing(null)} onDone={done} />}
    </>
  );
}

interface NoMailboxProps extends Pick<ContentProps, 'onFilter'> {
  /** No rule names any mailbox yet. */
  readonly first: boolean;
}

function NoMailbox({ first, onFilter }: NoMailboxProps) {
  if (!first)
    return (
      <Empty icon={Inbox} title="No mailbox is like that">
        Choose another list above, or clear the search.
      </Empty>
    );
  return (
    <Empty
      action={
        <Button kind="primary" onPress={() => onFilter('all')}>
          Show the whole directory
        </Button>
      }
      icon={Inbox}
      title="No mailbox takes part yet"
    >
      Choose some of the directory, and the profile that they follow.
    </Empty>
  );
}

function RefreshButton() {
  const client = useQueryClient();
  const { fail } = useToasts();
  const asking = useMutation({
    mutationFn: refreshRoster,
    onSuccess: () => client.invalidateQueries({ queryKey: ROSTER_KEY }),
    onError: fail,
  });
  return (
    <Button busy={asking.isPending} icon={RotateCw} onPress={() => asking.mutate()}>
      Ask both sides again
    </Button>
  );
}

const isFilter = (value: string | null): value is MailboxFilter =>
  MAILBOX_FILTERS.some(({ id }) => id === value);

export function MailboxesPage() {
  const asked = new URLSearchParams(useSearch()).get('show');
  const [filter, setFilter] = useState<MailboxFilter>(isFilter(asked) ? asked : 'named');
  const may = useMay('operator');
  const roster = useQuery({
    queryKey: [...ROSTER_KEY, filter === 'all'],
    queryFn: () => readRoster(filter === 'all'),
  });
  return (
    <Page
      about="Which mailboxes take part, by which profile, and whose they are in the CRM."
      actions={may && <RefreshButton />}
      title="Mailboxes"
    >
      <Loaded label="Asking the directory and the CRM" lines={9} query={roster}>
        {(data) => <Content filter={filter} onFilter={setFilter} roster={data} />}
      </Loaded>
    </Page>
  );
}
