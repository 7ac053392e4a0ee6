import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Radar } from 'lucide-react';
import { useCallback, useState } from 'react';
import type { Job } from '../api/jobs.ts';
import { proveReach, type ReachReport, type ReachRow, readReach } from '../api/reach.ts';
import { Button } from '../components/button.tsx';
import { Card } from '../components/card.tsx';
import { SearchInput } from '../components/field.tsx';
import { JobFailure, JobProgress } from '../components/job-progress.tsx';
import { Moment } from '../components/moment.tsx';
import { Page } from '../components/page.tsx';
import { SelectInput } from '../components/select.tsx';
import { Empty, Failure, Loaded } from '../components/states.tsx';
import { type Column, Table } from '../components/table.tsx';
import { Notice, Pill } from '../components/tone.tsx';
import { useMay } from '../shell/session.tsx';
import { useJob } from '../shell/use-job.ts';
import { count, plural } from '../words/figures.ts';
import { isReachTrouble, reachTitle, VERDICTS } from '../words/reach-words.ts';
import { severityTone } from '../words/tone.ts';

const COLUMNS: readonly Column<ReachRow>[] = [
  {
    key: 'address',
    title: 'Mailbox',
    heading: true,
    cell: ({ address, name }) => (
      <span>
        {name}
        <span className="sub break">{address}</span>
      </span>
    ),
  },
  { key: 'intended', title: 'Meant to be', cell: ({ intended }) => (intended ? 'open' : 'closed') },
  {
    key: 'verdict',
    title: 'Found',
    cell: ({ verdict }) => <Pill tone={VERDICTS[verdict].tone}>{VERDICTS[verdict].word}</Pill>,
  },
  {
    key: 'do',
    title: 'What to do',
    cell: ({ verdict }) => <span className="muted">{VERDICTS[verdict].remedy}</span>,
  },
];

const WHICH = [
  { id: 'trouble', label: 'Not as meant' },
  { id: 'all', label: 'All mailboxes' },
] as const;

function Rows({ report }: { readonly report: ReachReport }) {
  const [text, setText] = useState('');
  const [which, setWhich] = useState<(typeof WHICH)[number]['id']>(report.asIntended ? 'all' : 'trouble');
  const wanted = text.trim().toLowerCase();
  const rows = report.rows.filter(
    (row) =>
      (which === 'all' || isReachTrouble(row)) && `${row.name} ${row.address}`.toLowerCase().includes(wanted),
  );
  return (
    <div className="card">
      <div className="toolbar">
        <SearchInput label="Name or address" onChange={setText} value={text} />
        <SelectInput choices={WHICH} hideLabel label="Which mailboxes" onChange={setWhich} value={which} />
        <span className="muted small num toolbar-end">{`${count(rows.length)} of ${count(report.rows.length)}`}</span>
      </div>
      <Table
        columns={COLUMNS}
        empty={<Empty icon={Radar} title="No mailbox is like that" />}
        keyOf={({ address }) => address}
        label="Which mailboxes the app reaches"
        rows={rows.slice(0, 500)}
      />
    </div>
  );
}

function Content({ report }: { readonly report: ReachReport | null }) {
  if (report === null) {
    return (
      <div className="card">
        <Empty icon={Radar} title="Not proved yet">
          The proof opens one folder of every mailbox, those that are meant to be open and those that are not,
          and compares. It writes nothing.
        </Empty>
      </div>
    );
  }
  return (
    <>
      <Notice title={reachTitle(report)} tone={report.asIntended ? 'ok' : 'bad'}>
        Proved <Moment at={report.at} /> by opening {plural(report.rows.length, 'mailbox', 'mailboxes')}.
      </Notice>
      {report.findings.map(({ code, severity, text, remedy }) => (
        <Notice key={code + text} title={text} tone={severityTone(severity)}>
          {remedy}
        </Notice>
      ))}
      <Rows report={report} />
    </>
  );
}

export function ReachPage() {
  const client = useQueryClient();
  const report = useQuery({ queryKey: ['reach'], queryFn: readReach });
  const may = useMay('operator');
  const [ended, setEnded] = useState<Job | null>(null);
  const onDone = useCallback(
    (job: Job) => {
      setEnded(job);
      void client.invalidateQueries({ queryKey: ['reach'] });
    },
    [client],
  );
  const proving = useJob(proveReach, onDone);
  return (
    <Page
      about="Which mailboxes the app can open: proved by trying, inside and outside of what you mean."
      actions={
        may && (
          <Button busy={proving.busy} icon={Radar} kind="primary" onPress={proving.start}>
            Prove it now
          </Button>
        )
      }
      title="Reach"
    >
      {proving.error !== null && <Failure error={proving.error} onRetry={proving.start} />}
      {ended !== null && !proving.busy && <JobFailure job={ended} />}
      {proving.busy && (
        <Card title="Mailbox after mailbox is opened">
          {proving.job !== null && <JobProgress job={proving.job} />}
        </Card>
      )}
      <Loaded label="Reading the last proof" query={report}>
        {(data) => <Content key={data?.at ?? ''} report={data} />}
      </Loaded>
      <Card title="How to narrow it">
        <p>
          In Exchange Online, limit the app to a group with RBAC for Applications. The command line prints the
          exact commands for your tenant: <code>tidelock reach setup</code>. It takes up to two hours until
          Exchange goes by it.
        </p>
      </Card>
    </Page>
  );
}
