import { useMutation } from '@tanstack/react-query';
import { CircleAlert, CircleCheck, Info, RefreshCw, TriangleAlert } from 'lucide-react';
import { Link } from 'wouter';
import { type Lane, type Status, syncNow } from '../api/status.ts';
import { Button, LinkButton } from '../components/button.tsx';
import { Card, Stat } from '../components/card.tsx';
import { Moment } from '../components/moment.tsx';
import { Page } from '../components/page.tsx';
import { Loaded } from '../components/states.tsx';
import { type Column, Table } from '../components/table.tsx';
import { useToasts } from '../components/toast.tsx';
import { Pill, ToneIcon } from '../components/tone.tsx';
import { useStatus } from '../shell/badges.ts';
import { useMay } from '../shell/session.tsx';
import { count, plural, shortDuration } from '../words/figures.ts';
import { laneState } from '../words/lane-state.ts';
import type { Tone } from '../words/tone.ts';
import { type Concern, type Verdict, verdictOf } from '../words/verdict.ts';
import { ActivityList, GoingList } from './activity-list.tsx';

const MARK: Readonly<Partial<Record<Tone, typeof Info>>> = {
  ok: CircleCheck,
  warn: TriangleAlert,
  bad: CircleAlert,
};

function VerdictCard({ verdict }: { readonly verdict: Verdict }) {
  const { tone, title, text, concerns } = verdict;
  const Mark = MARK[tone] ?? Info;
  return (
    <section aria-label="Is all well?" className="card">
      <div className="verdict">
        <span className={`verdict-mark tone-${tone}`}>
          <Mark aria-hidden size={26} />
        </span>
        <div>
          <h2>{title}</h2>
          <p className="muted">{text}</p>
        </div>
      </div>
      {concerns.length > 0 && (
        <ul className="list list-top">
          {concerns.map((concern) => (
            <ConcernRow concern={concern} key={concern.id} />
          ))}
        </ul>
      )}
    </section>
  );
}

function ConcernRow({ concern: { tone, title, text, href, action } }: { readonly concern: Concern }) {
  return (
    <li className="concern">
      <ToneIcon tone={tone} />
      <div className="concern-text">
        <div className="strong">{title}</div>
        <div className="muted">{text}</div>
      </div>
      <LinkButton href={href} small>
        {action}
      </LinkButton>
    </li>
  );
}

function figuresOf(lanes: readonly Lane[]) {
  const sum = (of: (lane: Lane) => number): number => lanes.reduce((total, lane) => total + of(lane), 0);
  const lags = lanes.flatMap(({ lagSeconds }) => (lagSeconds === null ? [] : [lagSeconds * 1000]));
  return {
    pairs: sum((lane) => lane.pairs),
    frozen: sum((lane) => lane.frozen),
    open: sum((lane) => lane.reviews + (lane.held === null ? 0 : 1)),
    waiting: sum((lane) => lane.backlog),
    worstLag: lags.length === 0 ? null : Math.max(...lags),
  };
}

function Figures({ lanes }: { readonly lanes: readonly Lane[] }) {
  const { pairs, frozen, open, waiting, worstLag } = figuresOf(lanes);
  return (
    <div className="grid-4">
      <Stat
        label="Records in step"
        note={frozen === 0 ? 'none rest' : `${plural(frozen, 'rests', 'rest')} outside the rules`}
        value={count(pairs)}
      />
      <Stat
        label="Waiting"
        note={waiting === 0 ? 'nothing waits' : 'go with the next run'}
        value={count(waiting)}
      />
      <Stat
        label="Questions"
        note={open === 0 ? 'nothing to decide' : 'only a person can answer'}
        value={count(open)}
      />
      <Stat
        label="Longest lag"
        note="since a mailbox was last in step"
        value={worstLag === null ? '–' : shortDuration(worstLag)}
      />
    </div>
  );
}

const COLUMNS: readonly Column<Lane>[] = [
  {
    key: 'mailbox',
    title: 'Mailbox',
    heading: true,
    cell: ({ label }) => <span className="break">{label}</span>,
  },
  {
    key: 'state',
    title: 'State',
    cell: (lane) => {
      const { tone, word } = laneState(lane);
      return <Pill tone={tone}>{word}</Pill>;
    },
  },
  { key: 'pairs', title: 'In step', numeric: true, cell: ({ pairs }) => count(pairs) },
  { key: 'waiting', title: 'Waiting', numeric: true, cell: ({ backlog }) => count(backlog) },
  { key: 'last', title: 'Last in step', cell: ({ lastOkAt }) => <Moment at={lastOkAt} /> },
];

const SHOWN = 8;

function LanesCard({ lanes }: { readonly lanes: readonly Lane[] }) {
  const sorted = [...lanes].sort((x, y) => rank(x) - rank(y) || x.label.localeCompare(y.label, 'en'));
  return (
    <Card
      flush
      foot={
        <>
          <span>{`${Math.min(SHOWN, lanes.length)} of ${plural(lanes.length, 'mailbox', 'mailboxes')}`}</span>
          <Link href="/mailboxes">All mailboxes</Link>
        </>
      }
      title="Mailboxes"
    >
      <Table
        columns={COLUMNS}
        keyOf={({ laneId }) => laneId}
        label="Mailboxes"
        rows={sorted.slice(0, SHOWN)}
      />
    </Card>
  );
}

const rank = (lane: Lane): number => ['bad', 'warn', 'info', 'ok', 'neutral'].indexOf(laneState(lane).tone);

function SyncButton() {
  const { say, fail } = useToasts();
  const syncing = useMutation({
    mutationFn: () => syncNow([]),
    onSuccess: () => say('Every mailbox is looked at now.', 'Follow it under Activity.'),
    onError: fail,
  });
  return (
    <Button busy={syncing.isPending} icon={RefreshCw} onPress={() => syncing.mutate()}>
      Sync now
    </Button>
  );
}

function FirstSteps() {
  return (
    <Card title="First steps">
      <ol className="manual stack-s">
        <li>
          <Link href="/connections">Connect Microsoft 365 and the CRM</Link>: one consent, no password kept.
        </li>
        <li>
          <Link href="/mailboxes">Choose mailboxes</Link> and whose they are in the CRM.
        </li>
        <li>
          <Link href="/plan">Look at the plan</Link> before anything is written, and approve it.
        </li>
      </ol>
    </Card>
  );
}

function Content({ status }: { readonly status: Status }) {
  if (status.lanes.length === 0) {
    return (
      <>
        <VerdictCard verdict={verdictOf(status)} />
        <FirstSteps />
      </>
    );
  }
  return (
    <>
      <VerdictCard verdict={verdictOf(status)} />
      <Figures lanes={status.lanes} />
      <LanesCard lanes={status.lanes} />
      <Card flush foot={<Link href="/activity">All activity</Link>} title="Happening now">
        <GoingList />
        <ActivityList most={5} />
      </Card>
    </>
  );
}

export function OverviewPage() {
  const status = useStatus();
  const may = useMay('operator');
  const hasMailboxes = (status.data?.lanes.length ?? 0) > 0;
  return (
    <Page
      about="Is all well? And if not, what to do."
      actions={may && hasMailboxes && <SyncButton />}
      title="Overview"
    >
      <Loaded label="Reading the status" query={status}>
        {(data) => <Content status={data} />}
      </Loaded>
    </Page>
  );
}
