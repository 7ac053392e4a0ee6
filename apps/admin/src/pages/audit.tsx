import { useInfiniteQuery } from '@tanstack/react-query';
import { BookOpenCheck, Download } from 'lucide-react';
import { useState } from 'react';
import { AUDIT_EXPORT, type AuditEntry, readAudit } from '../api/audit.ts';
import { Button, OutsideButton } from '../components/button.tsx';
import { SearchInput } from '../components/field.tsx';
import { Stamp } from '../components/moment.tsx';
import { Page } from '../components/page.tsx';
import { Empty, Failure, Loading } from '../components/states.tsx';
import { type Column, Table } from '../components/table.tsx';
import { useMay } from '../shell/session.tsx';
import { actText, changeText } from '../words/audit-words.ts';

const COLUMNS: readonly Column<AuditEntry>[] = [
  { key: 'when', title: 'When', heading: true, cell: ({ at }) => <Stamp at={at} /> },
  { key: 'who', title: 'Who', cell: ({ who }) => who },
  {
    key: 'act',
    title: 'What',
    cell: ({ act }) => (
      <span>
        {actText(act)}
        <span className="sub mono">{act}</span>
      </span>
    ),
  },
  { key: 'subject', title: 'Of what', cell: ({ subject }) => <span className="break">{subject}</span> },
  {
    key: 'change',
    title: 'Change',
    cell: ({ before, after }) => <span className="muted break">{changeText(before, after)}</span>,
  },
];

function Content({ entries }: { readonly entries: readonly AuditEntry[] }) {
  const [text, setText] = useState('');
  const wanted = text.trim().toLowerCase();
  const rows = entries.filter(({ who, act, subject }) =>
    `${who} ${act} ${actText(act)} ${subject}`.toLowerCase().includes(wanted),
  );
  return (
    <div className="card">
      <div className="toolbar">
        <SearchInput label="Who, what, or of what" onChange={setText} value={text} />
      </div>
      <Table
        columns={COLUMNS}
        empty={
          <Empty icon={BookOpenCheck} title="No act is like that">
            Only what has been loaded is searched. Load older ones below, or export all.
          </Empty>
        }
        keyOf={({ seq }) => String(seq)}
        label="Acts of administrators, latest first"
        rows={rows}
      />
    </div>
  );
}

export function AuditPage() {
  const audit = useInfiniteQuery({
    queryKey: ['audit'],
    queryFn: ({ pageParam }) => readAudit(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  });
  const may = useMay('setup');
  const { data, error, hasNextPage, isFetchingNextPage } = audit;
  return (
    <Page
      about="What people did here, with what was before and after. Acts are never changed or removed."
      actions={
        may && (
          <OutsideButton href={AUDIT_EXPORT} icon={Download}>
            Export all
          </OutsideButton>
        )
      }
      title="Audit trail"
    >
      {error !== null && <Failure error={error} onRetry={() => void audit.refetch()} />}
      {data === undefined && error === null && <Loading label="Reading the audit trail" lines={10} />}
      {data !== undefined && <Content entries={data.pages.flatMap(({ items }) => items)} />}
      {hasNextPage && (
        <div className="row">
          <Button busy={isFetchingNextPage} onPress={() => void audit.fetchNextPage()}>
            Load older ones
          </Button>
        </div>
      )}
    </Page>
  );
}
