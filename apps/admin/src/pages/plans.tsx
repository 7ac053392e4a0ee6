import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ClipboardList, ClipboardPlus } from 'lucide-react';
import { useCallback, useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { Job } from '../api/jobs.ts';
import { makePlan, type Plan, type PlanMade, readPlans } from '../api/plans.ts';
import { Button } from '../components/button.tsx';
import { Card } from '../components/card.tsx';
import { JobFailure, JobProgress } from '../components/job-progress.tsx';
import { Moment } from '../components/moment.tsx';
import { Page } from '../components/page.tsx';
import { Empty, Failure, Loaded } from '../components/states.tsx';
import { type Column, Table } from '../components/table.tsx';
import { Notice, Pill } from '../components/tone.tsx';
import { useMay } from '../shell/session.tsx';
import { useJob } from '../shell/use-job.ts';
import { count } from '../words/figures.ts';
import { planState } from '../words/plan-steps.ts';

const COLUMNS: readonly Column<Plan>[] = [
  {
    key: 'when',
    title: 'Made',
    heading: true,
    cell: ({ id, createdAt }) => (
      <Link href={`/plan/${id}`}>
        <Moment at={createdAt} />
      </Link>
    ),
  },
  { key: 'by', title: 'By', cell: ({ by }) => by },
  {
    key: 'state',
    title: 'State',
    cell: ({ state }) => {
      const { tone, word } = planState(state);
      return <Pill tone={tone}>{word}</Pill>;
    },
  },
  { key: 'mailboxes', title: 'Mailboxes', numeric: true, cell: ({ mailboxes }) => count(mailboxes.length) },
  { key: 'steps', title: 'Steps', numeric: true, cell: ({ steps }) => count(steps) },
  { key: 'emails', title: 'E-mails', numeric: true, cell: ({ emails }) => count(emails) },
  { key: 'hash', title: 'Plan', cell: ({ hash }) => <span className="mono">{hash.slice(0, 12)}</span> },
];

interface PlanListProps {
  readonly plans: readonly Plan[];
}

function PlanList({ plans }: PlanListProps) {
  return (
    <div className="card">
      <Table
        columns={COLUMNS}
        empty={
          <Empty icon={ClipboardList} title="No plan yet">
            Make one to see what a run would do: what is created, changed, deleted, asked, and how many
            e-mails would leave.
          </Empty>
        }
        keyOf={({ id }) => id}
        label="Plans, latest first"
        rows={plans}
      />
    </div>
  );
}

function madeBy(job: Job): PlanMade | null {
  return job.state === 'done' ? (job.result as PlanMade) : null;
}

function Ended({ job }: { readonly job: Job }) {
  const made = madeBy(job);
  if (made === null) return <JobFailure job={job} />;
  if (made.planId !== null) return null;
  return (
    <>
      <Notice title="No mailbox could be planned." tone="warn" />
      {made.findings.map(({ text, remedy }) => (
        <Notice key={text} title={text} tone="bad">
          {remedy}
        </Notice>
      ))}
    </>
  );
}

export function PlansPage() {
  const plans = useQuery({ queryKey: ['plans'], queryFn: readPlans });
  const [ended, setEnded] = useState<Job | null>(null);
  const [, go] = useLocation();
  const client = useQueryClient();
  const may = useMay('operator');
  const onDone = useCallback(
    (job: Job) => {
      setEnded(job);
      void client.invalidateQueries({ queryKey: ['plans'] });
      const planId = madeBy(job)?.planId ?? null;
      if (planId !== null) go(`/plan/${planId}`);
    },
    [client, go],
  );
  const making = useJob(makePlan, onDone);
  return (
    <Page
      about="Both sides are read and matched, and nothing is written. You see every step before it happens."
      actions={
        may && (
          <Button busy={making.busy} icon={ClipboardPlus} kind="primary" onPress={making.start}>
            Make a plan
          </Button>
        )
      }
      title="Plan"
    >
      {making.error !== null && <Failure error={making.error} />}
      {making.busy && (
        <Card title="The plan is being made">
          {making.job !== null && <JobProgress job={making.job} />}
          <p className="muted">
            You may leave this page: it goes on by itself, and the plan stands here then.
          </p>
        </Card>
      )}
      {ended !== null && !making.busy && <Ended job={ended} />}
      <Loaded label="Reading the plans" query={plans}>
        {(rows) => <PlanList plans={rows} />}
      </Loaded>
    </Page>
  );
}
