import { useQuery } from '@tanstack/react-query';
import { SearchX, TextSearch } from 'lucide-react';
import { useState } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { type ItemHit, searchItems } from '../api/items.ts';
import { Card } from '../components/card.tsx';
import { SearchInput } from '../components/field.tsx';
import { Page } from '../components/page.tsx';
import { Empty, Loaded } from '../components/states.tsx';
import { type Column, Table } from '../components/table.tsx';
import { Pill } from '../components/tone.tsx';
import { plural } from '../words/figures.ts';
import { itemState } from '../words/item-state.ts';

const COLUMNS: readonly Column<ItemHit>[] = [
  {
    key: 'title',
    title: 'Record',
    heading: true,
    cell: ({ title, id }) => <Link href={`/items/${encodeURIComponent(id)}`}>{title}</Link>,
  },
  { key: 'mailbox', title: 'Mailbox', cell: ({ mailbox }) => <span className="break">{mailbox}</span> },
  {
    key: 'state',
    title: 'State',
    cell: ({ status }) => {
      const { tone, word } = itemState(status);
      return <Pill tone={tone}>{word}</Pill>;
    },
  },
  {
    key: 'why',
    title: 'Why',
    cell: ({ sentences }) => <span className="muted">{sentences[0]?.text ?? ''}</span>,
  },
];

function Hits({ query }: { readonly query: string }) {
  const found = useQuery({ queryKey: ['items', query], queryFn: () => searchItems(query) });
  return (
    <Loaded label={`Looking for ${query}`} query={found}>
      {({ items, more, unasked }) => (
        <Card
          flush
          foot={`${plural(items.length, 'record')}${more ? '; more match: type more of it' : ''}${unasked === null ? '' : `. ${unasked}`}`}
          title={`Records like “${query}”`}
        >
          <Table
            columns={COLUMNS}
            empty={
              <Empty icon={SearchX} title="Nothing is called that">
                Records that were never seen by a run are not known. Try an e-mail address, or part of a name.
              </Empty>
            }
            keyOf={({ laneId, id }) => `${laneId} ${id}`}
            label={`Records like ${query}`}
            rows={items}
          />
        </Card>
      )}
    </Loaded>
  );
}

export function ItemsPage() {
  const [, go] = useLocation();
  const asked = new URLSearchParams(useSearch()).get('q') ?? '';
  const [text, setText] = useState(asked);
  const submit = (query: string): void =>
    go(query.trim() === '' ? '/items' : `/items?q=${encodeURIComponent(query.trim())}`);
  return (
    <Page about="What became of a record, and why; also why nothing happened." title="Find a record">
      <search className="row">
        <SearchInput
          label="E-mail address, part of a name, or an id"
          onChange={setText}
          onSubmit={submit}
          value={text}
        />
      </search>
      {asked === '' ? (
        <div className="card">
          <Empty icon={TextSearch} title="Whom are you looking for?">
            Type an e-mail address, part of a name, or an id of either side, and press Enter.
          </Empty>
        </div>
      ) : (
        <Hits query={asked} />
      )}
    </Page>
  );
}
