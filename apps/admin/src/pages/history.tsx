import { useQuery } from '@tanstack/react-query';
import { History, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { instant } from '../api/client.ts';
import { type Run, readRuns } from '../api/history.ts';
import { Button } from '../components/button.tsx';
import { Stamp } from '../components/moment.tsx';
import { Page } from '../components/page.tsx';
import { Empty, Loaded } from '../components/states.tsx';
import { type Column, Table } from '../components/table.tsx';
import { Pill } from '../components/tone.tsx';
import { useMay } from '../shell/session.tsx';
import { plural, shortDuration } from '../words/figures.ts';
import { runSummary } from '../words/run-summary.ts';
import { UndoDialog } from './undo-dialog.tsx';

function columnsOf(onUndo: ((run: Run) => void) | null): readonly Column<Run>[] {
  return [
    {
      key: 'when',
      title: 'When',
      heading: true,
      cell: ({ id, startedAt }) => (
        <Link href={`/history/${id}`}>
          <Stamp at={startedAt} />
        </Link>
      ),
    },
    { key: 'mailbox', title: 'Mailbox', cell: ({ mailbox }) => <span className="break">{mailbox}</span> },
    {
      key: 'kind',
      title: 'Kind',
      cell: ({ kind, endedAt }) =>
        endedAt === null ? (
          <Pill tone="info">Running</Pill>
        ) : (
          <Pill tone={kind === 'undo' ? 'violet' : 'neutral'}>{kind === 'undo' ? 'Undo' : 'Sync'}</Pill>
        ),
    },
    { key: 'what', title: 'What it did', cell: (run) => runSummary(run.counts) },
    {
      key: 'took',
      title: 'Took',
      numeric: true,
      cell: ({ startedAt, endedAt }) =>
        endedAt === null ? '–' : shortDuration(instant(endedAt) - instant(startedAt)),
    },
    ...(onUndo === null
      ? []
      : [
          {
            key: 'undo',
            title: '',
            cell: (run: Run) => (
              <Button icon={Undo2} kind="quiet" onPress={() => onUndo(run)} small>
                Undo
              </Button>
            ),
          },
        ]),
  ];
}

export function HistoryPage() {
  const runs = useQuery({ queryKey: ['runs'], queryFn: readRuns });
  const [undoing, setUndoing] = useState<Run | null>(null);
  const may = useMay('operator');
  return (
    <Page about="Every run that changed something, what it changed, and the way back." title="History">
      <Loaded label="Reading the runs" query={runs}>
        {(rows) => (
          <div className="card">
            <Table
              columns={columnsOf(may ? setUndoing : null)}
              empty={
                <Empty icon={History} title="Nothing has been changed yet">
                  The first run that writes something appears here. Look at the plan to see what it would do.
                </Empty>
              }
              keyOf={({ id }) => id}
              label="Runs, latest first"
              rows={rows}
            />
          </div>
        )}
      </Loaded>
      {undoing !== null && (
        <UndoDialog
          onClose={() => setUndoing(null)}
          title={`${runSummary(undoing.counts)} of ${undoing.mailbox}`}
          what={undoing.id}
        />
      )}
      {runs.data !== undefined && runs.data.length > 0 && (
        <p className="muted small">
          {plural(runs.data.length, 'run')}. Values are kept as long as Settings say.
        </p>
      )}
    </Page>
  );
}
