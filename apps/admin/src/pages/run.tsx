import { useQuery } from '@tanstack/react-query';
import { ListX, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { readRun } from '../api/history.ts';
import type { HistoryEntry } from '../api/items.ts';
import { Button } from '../components/button.tsx';
import { Page } from '../components/page.tsx';
import { Empty, Loaded } from '../components/states.tsx';
import { type Column, Table } from '../components/table.tsx';
import { SidePill, Step } from '../components/value.tsx';
import { useMay } from '../shell/session.tsx';
import { fieldName } from '../words/values.ts';
import { UndoDialog } from './undo-dialog.tsx';

const LIMIT = 500;

const COLUMNS: readonly Column<HistoryEntry>[] = [
  {
    key: 'title',
    title: 'Record',
    heading: true,
    cell: ({ title, linkId }) => <Link href={`/items/${linkId}`}>{title}</Link>,
  },
  { key: 'side', title: 'Where', cell: ({ side }) => <SidePill side={side} /> },
  { key: 'field', title: 'Field', cell: ({ field, op }) => (field === null ? op : fieldName(field)) },
  {
    key: 'change',
    title: 'Change',
    cell: (row) => (row.field === null ? '' : <Step from={row.old} to={row.new} />),
  },
  { key: 'rule', title: 'Because', cell: ({ because }) => <span className="muted">{because}</span> },
];

export function RunPage({ runId }: { readonly runId: string }) {
  const trail = useQuery({
    queryKey: ['runs', runId],
    queryFn: () => readRun(runId, LIMIT),
  });
  const [undoing, setUndoing] = useState(false);
  const may = useMay('operator');
  const name = `Run ${runId.slice(0, 8)}`;
  return (
    <Page
      about={<Link href="/history">All runs</Link>}
      actions={
        may && (
          <Button icon={Undo2} onPress={() => setUndoing(true)}>
            Undo this run
          </Button>
        )
      }
      title={name}
    >
      <Loaded label="Reading the run" query={trail}>
        {({ items, more }) => (
          <div className="card">
            <Table
              columns={COLUMNS}
              empty={
                <Empty icon={ListX} title="Nothing is remembered of it">
                  It changed nothing, or its values are older than Settings keep them.
                </Empty>
              }
              keyOf={({ linkId, side, op, field, at }) => `${linkId} ${side} ${op} ${field ?? ''} ${at}`}
              label={`What ${name} changed`}
              rows={items}
            />
            {more && (
              <div className="card-foot">{`The first ${LIMIT}. The command line shows all: tidelock history --run ${runId.slice(0, 8)}`}</div>
            )}
          </div>
        )}
      </Loaded>
      {undoing && <UndoDialog onClose={() => setUndoing(false)} title={name} what={runId} />}
    </Page>
  );
}
