import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { ShieldCheck } from 'lucide-react';
import { useCallback, useState } from 'react';
import { Link } from 'wouter';
import type { Job } from '../api/jobs.ts';
import { applyPlan, type Plan, type PlanStep, readPlan, readSteps } from '../api/plans.ts';
import { Button } from '../components/button.tsx';
import { Card } from '../components/card.tsx';
import { Confirm } from '../components/dialog.tsx';
import { JobFailure, JobProgress } from '../components/job-progress.tsx';
import { Stamp } from '../components/moment.tsx';
import { Page } from '../components/page.tsx';
import { Empty, Failure, Loaded, Loading } from '../components/states.tsx';
import { type Column, Table } from '../components/table.tsx';
import { useToasts } from '../components/toast.tsx';
import { Notice, Pill } from '../components/tone.tsx';
import { useMay } from '../shell/session.tsx';
import { useJob } from '../shell/use-job.ts';
import { count, plural } from '../words/figures.ts';
import { countSteps, groupSteps, outcomeText, type PlanCounts } from '../words/plan-steps.ts';
import { StepList } from './plan-steps.tsx';

const COUNTS: readonly Column<PlanCounts>[] = [
  { key: 'title', title: 'What is written', heading: true, cell: ({ title }) => title },
  { key: 'mailbox', title: 'Mailbox', numeric: true, cell: ({ of }) => count(of.mailbox) },
  { key: 'crm', title: 'CRM', numeric: true, cell: ({ of }) => count(of.crm) },
  {
    key: 'held',
    title: 'Held',
    numeric: true,
    cell: ({ held }) => (held === 0 ? '' : <Pill tone="warn">{count(held)}</Pill>),
  },
];

function Emails({ plan: { emails, withheld } }: { readonly plan: Plan }) {
  if (emails === 0) {
    return (
      <Notice title="No e-mail would leave." tone="ok">
        {withheld > 0
          ? `${plural(withheld, 'e-mail is', 'e-mails are')} withheld by the notification policy.`
          : 'Nobody hears of it.'}
      </Notice>
    );
  }
  return (
    <Notice title={`${plural(emails, 'e-mail')} would leave.`} tone="warn">
      Exchange tells the attendees of meetings that are created or changed.
    </Notice>
  );
}

function State({ plan }: { readonly plan: Plan }) {
  const { state, approved, outcome, hash, createdAt, by, mailboxes } = plan;
  if (outcome !== null) {
    return (
      <Notice title="It was carried out." tone={outcome.settled ? 'ok' : 'warn'}>
        {outcomeText(outcome.rows)}. Approved by {approved?.by}; it can be undone under History.
      </Notice>
    );
  }
  return (
    <Notice
      title={state === 'open' ? 'Nothing was written.' : `Approved by ${approved?.by ?? ''}.`}
      tone="info"
    >
      Plan <span className="mono">{hash.slice(0, 12)}</span> of <Stamp at={createdAt} />, by {by}, about{' '}
      {plural(mailboxes.length, 'mailbox', 'mailboxes')}.
    </Notice>
  );
}

interface ApplyProps {
  readonly plan: Plan;
  readonly onPress: () => void;
  readonly busy: boolean;
}

function Apply({ plan, onPress, busy }: ApplyProps) {
  const [asked, setAsked] = useState(false);
  return (
    <>
      <Button busy={busy} icon={ShieldCheck} kind="primary" onPress={() => setAsked(true)}>
        Approve and carry out
      </Button>
      <Confirm
        action="Carry out"
        onClose={() => setAsked(false)}
        onConfirm={() => {
          setAsked(false);
          onPress();
        }}
        open={asked}
        title="Carry out exactly this plan?"
      >
        <p>
          {plural(plan.steps, 'step')}, {plural(plan.emails, 'e-mail')}. A record that was changed meanwhile
          is left alone, and you are told. Everything can be undone under History.
        </p>
      </Confirm>
    </>
  );
}

function Steps({ plan }: { readonly plan: Plan }) {
  const pages = useInfiniteQuery({
    queryKey: ['plans', plan.id, 'steps'],
    queryFn: ({ pageParam }) => readSteps(plan.id, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  });
  const { data, error, hasNextPage, isFetchingNextPage } = pages;
  if (data === undefined) {
    if (error !== null) return <Failure error={error} onRetry={() => void pages.refetch()} />;
    return <Loading label="Reading the steps" lines={12} />;
  }
  const steps: readonly PlanStep[] = data.pages.flatMap(({ items }) => items);
  return (
    <>
      <div className="grid-2">
        <Card flush title={hasNextPage ? 'Of the steps read so far' : 'What would be written'}>
          <Table
            columns={COUNTS}
            keyOf={({ title }) => title}
            label="What is written"
            rows={countSteps(steps)}
          />
        </Card>
        <div className="stack">
          <Emails plan={plan} />
          <State plan={plan} />
        </div>
      </div>
      {groupSteps(steps).map((group) => (
        <StepList group={group} key={group.heading} />
      ))}
      {hasNextPage && (
        <div className="row">
          <Button busy={isFetchingNextPage} onPress={() => void pages.fetchNextPage()}>
            {`Read more of ${plural(plan.steps, 'step')}`}
          </Button>
        </div>
      )}
    </>
  );
}

export function PlanPage({ id }: { readonly id: string }) {
  const plan = useQuery({ queryKey: ['plans', id], queryFn: () => readPlan(id) });
  const client = useQueryClient();
  const { say } = useToasts();
  const may = useMay('operator');
  const [ended, setEnded] = useState<Job | null>(null);
  const onDone = useCallback(
    (job: Job) => {
      setEnded(job);
      if (job.state === 'done') say('The plan was carried out.', 'What no longer held was left alone.');
      void client.invalidateQueries();
    },
    [client, say],
  );
  const applying = useJob(() => applyPlan(id, plan.data?.hash ?? ''), onDone);
  const ready = plan.data !== undefined && plan.data.state !== 'carried-out' && plan.data.steps > 0;
  return (
    <Page
      about={<Link href="/plan">All plans</Link>}
      actions={may && ready && <Apply busy={applying.busy} onPress={applying.start} plan={plan.data} />}
      title="Plan preview"
    >
      {applying.error !== null && <Failure error={applying.error} />}
      {ended !== null && <JobFailure job={ended} />}
      {applying.busy && (
        <Card title="It is being carried out">
          {applying.job !== null && <JobProgress job={applying.job} />}
        </Card>
      )}
      <Loaded label="Reading the plan" lines={12} query={plan}>
        {(data) =>
          data.steps === 0 ? (
            <div className="card">
              <Empty icon={ShieldCheck} title="Nothing to do">
                Both sides are in step: a run would write nothing.
              </Empty>
            </div>
          ) : (
            <Steps plan={data} />
          )
        }
      </Loaded>
    </Page>
  );
}
