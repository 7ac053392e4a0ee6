import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { applyPlan, type Plan, readPlan } from '../api/plans.ts';
import { Button } from '../components/button.tsx';
import { Card } from '../components/card.tsx';
import { Confirm } from '../components/dialog.tsx';
import { Stamp } from '../components/moment.tsx';
import { Page } from '../components/page.tsx';
import { Progress } from '../components/progress.tsx';
import { Empty, Failure, Loaded } from '../components/states.tsx';
import { type Column, Table } from '../components/table.tsx';
import { useToasts } from '../components/toast.tsx';
import { Notice, Pill } from '../components/tone.tsx';
import { useMay } from '../shell/session.tsx';
import { count, plural } from '../words/figures.ts';
import { countSteps, groupSteps, type PlanCounts, planState } from '../words/plan-steps.ts';
import { StepList } from './plan-steps.tsx';

const COUNTS: readonly Column<PlanCounts>[] = [
  { key: 'title', title: 'What is written', heading: true, cell: ({ title }) => title },
  { key: 'a', title: 'Mailbox', numeric: true, cell: ({ of }) => count(of.a) },
  { key: 'b', title: 'CRM', numeric: true, cell: ({ of }) => count(of.b) },
  {
    key: 'held',
    title: 'Held',
    numeric: true,
    cell: ({ held }) => (held === 0 ? '' : <Pill tone="warn">{count(held)}</Pill>),
  },
];

function Emails({ plan }: { readonly plan: Plan }) {
  const withheld = plan.rows.reduce((sum, row) => sum + row.withheld, 0);
  if (plan.emails === 0) {
    return (
      <Notice title="No e-mail would leave." tone="ok">
        {withheld > 0
          ? `${plural(withheld, 'e-mail is', 'e-mails are')} withheld by the notification policy.`
          : 'Nobody hears of it.'}
      </Notice>
    );
  }
  return (
    <Notice title={`${plural(plan.emails, 'e-mail')} would leave.`} tone="warn">
      Exchange tells the attendees of meetings that are created or changed.
    </Notice>
  );
}

function Apply({ plan }: { readonly plan: Plan }) {
  const [asked, setAsked] = useState(false);
  const client = useQueryClient();
  const { say } = useToasts();
  const applying = useMutation({
    mutationFn: () => applyPlan(plan.id, plan.hash ?? ''),
    onSuccess: () => {
      setAsked(false);
      say(
        'The plan is being carried out.',
        'Exactly these steps; what no longer holds does nothing and is said.',
      );
      void client.invalidateQueries({ queryKey: ['plans'] });
    },
  });
  return (
    <>
      <Button icon={ShieldCheck} kind="primary" onPress={() => setAsked(true)}>
        Approve and carry out
      </Button>
      <Confirm
        action="Carry out"
        busy={applying.isPending}
        onClose={() => setAsked(false)}
        onConfirm={() => applying.mutate()}
        open={asked}
        title="Carry out exactly this plan?"
      >
        {applying.error !== null && <Failure error={applying.error} />}
        <p>
          {plural(plan.rows.length, 'step')}, {plural(plan.emails, 'e-mail')}. A record that was changed
          meanwhile is left alone, and you are told. Everything can be undone under History.
        </p>
      </Confirm>
    </>
  );
}

function Content({ plan }: { readonly plan: Plan }) {
  if (plan.state === 'making' || plan.state === 'applying') {
    const label =
      plan.job?.text ?? (plan.state === 'making' ? 'Reading and matching both sides' : 'Carrying it out');
    return (
      <Card title={planState(plan.state).word}>
        <Progress done={plan.job?.done ?? null} label={label} total={plan.job?.total ?? null} />
        <p className="muted">You may leave this page: it goes on by itself.</p>
      </Card>
    );
  }
  const failed = plan.failure !== null && (
    <Notice title="The plan could not be finished." tone="bad">
      {plan.failure}
    </Notice>
  );
  if (plan.rows.length === 0) {
    return (
      <>
        {failed}
        <div className="card">
          <Empty icon={ShieldCheck} title="Nothing to do">
            Both sides are in step: a run would write nothing.
          </Empty>
        </div>
      </>
    );
  }
  return (
    <>
      {failed}
      <div className="grid-2">
        <Card flush title="What would be written">
          <Table
            columns={COUNTS}
            keyOf={({ title }) => title}
            label="What is written"
            rows={countSteps(plan.rows)}
          />
        </Card>
        <div className="stack">
          <Emails plan={plan} />
          <Notice title="Nothing was written." tone="info">
            Plan <span className="mono">{plan.hash?.slice(0, 12)}</span> of <Stamp at={plan.createdAt} />, by{' '}
            {plan.by}, about {plural(plan.mailboxes.length, 'mailbox', 'mailboxes')}.
          </Notice>
        </div>
      </div>
      {groupSteps(plan.rows).map((group) => (
        <StepList group={group} key={group.heading} mailboxes={plan.mailboxes} />
      ))}
    </>
  );
}

const BUSY_MS = 1_000;

export function PlanPage({ id }: { readonly id: string }) {
  const plan = useQuery({
    queryKey: ['plans', id],
    queryFn: () => readPlan(id),
    refetchInterval: ({ state: { data } }) =>
      data?.state === 'making' || data?.state === 'applying' ? BUSY_MS : false,
  });
  const may = useMay('operator');
  const ready = plan.data?.state === 'ready' && plan.data.rows.length > 0;
  return (
    <Page
      about={<Link href="/plan">All plans</Link>}
      actions={may && ready && plan.data && <Apply plan={plan.data} />}
      title="Plan preview"
    >
      <Loaded label="Reading the plan" query={plan}>
        {(data) => <Content plan={data} />}
      </Loaded>
    </Page>
  );
}
