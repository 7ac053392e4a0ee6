import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ClipboardList, ClipboardPlus } from 'lucide-react';
import { Link, useLocation } from 'wouter';
import { makePlan, type PlanHead, readPlans } from '../api/plans.ts';
import { Button } from '../components/button.tsx';
import { Moment } from '../components/moment.tsx';
import { Page } from '../components/page.tsx';
import { Empty, Loaded } from '../components/states.tsx';
import { type Column, Table } from '../components/table.tsx';
import { useToasts } from '../components/toast.tsx';
import { Pill } from '../components/tone.tsx';
import { useMay } from '../shell/session.tsx';
import { count } from '../words/figures.ts';
import { planState } from '../words/plan-steps.ts';

const COLUMNS: readonly Column<PlanHead>[] = [
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
  { key: 'steps', title: 'Steps', numeric: true, cell: ({ steps }) => count(steps) },
  { key: 'emails', title: 'E-mails', numeric: true, cell: ({ emails }) => count(emails) },
  {
    key: 'hash',
    title: 'Plan',
    cell: ({ hash }) => <span className="mono">{hash?.slice(0, 12) ?? '–'}</span>,
  },
];

function MakeButton() {
  const [, go] = useLocation();
  const client = useQueryClient();
  const { fail } = useToasts();
  const making = useMutation({
    mutationFn: () => makePlan([]),
    onSuccess: ({ id }) => {
      void client.invalidateQueries({ queryKey: ['plans'] });
      go(`/plan/${id}`);
    },
    onError: fail,
  });
  return (
    <Button busy={making.isPending} icon={ClipboardPlus} kind="primary" onPress={() => making.mutate()}>
      Make a plan
    </Button>
  );
}

export function PlansPage() {
  const plans = useQuery({ queryKey: ['plans'], queryFn: readPlans, refetchInterval: 10_000 });
  const may = useMay('operator');
  return (
    <Page
      about="Both sides are read and matched, and nothing is written. You see every step before it happens."
      actions={may && <MakeButton />}
      title="Plan"
    >
      <Loaded label="Reading the plans" query={plans}>
        {(rows) => (
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
              rows={rows}
            />
          </div>
        )}
      </Loaded>
    </Page>
  );
}
