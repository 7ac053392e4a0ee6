import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Stethoscope } from 'lucide-react';
import { useCallback, useState } from 'react';
import { type Health, readChecks, readHealth, runDoctor } from '../api/health.ts';
import type { Job } from '../api/jobs.ts';
import { Button } from '../components/button.tsx';
import { Card, Stat } from '../components/card.tsx';
import { LineChart } from '../components/chart.tsx';
import { CheckList } from '../components/check-list.tsx';
import { JobFailure, JobProgress } from '../components/job-progress.tsx';
import { Moment, useNow } from '../components/moment.tsx';
import { Page } from '../components/page.tsx';
import { Failure, Loaded } from '../components/states.tsx';
import { Notice } from '../components/tone.tsx';
import { useLive } from '../shell/live.tsx';
import { useMay } from '../shell/session.tsx';
import { useJob } from '../shell/use-job.ts';
import { count, plural, shortDuration } from '../words/figures.ts';
import { errorsOf, spanOf, throttlingOf, turnsOf, writesOf } from '../words/live-series.ts';
import { KeysCard } from './keys-card.tsx';

const CHARTS = [
  {
    title: 'Turns',
    hint: 'How long a mailbox took, the longest of each stretch',
    say: shortDuration,
    of: turnsOf,
  },
  { title: 'Writes', hint: 'That took effect, by side', say: count, of: writesOf },
  { title: 'Throttling', hint: 'How often a service asked to wait', say: count, of: throttlingOf },
  { title: 'Errors', hint: 'By kind', say: count, of: errorsOf },
] as const;

/** Drawn of the events that the server still knows; what is older stands in the metrics. */
function Charts() {
  const { events } = useLive();
  const now = useNow();
  const span = spanOf(events, now);
  return (
    <div className="grid-2">
      {CHARTS.map(({ title, hint, say, of }) => (
        <Card hint={hint} key={title} title={title}>
          <LineChart say={say} series={of(events, span)} title={title} />
        </Card>
      ))}
    </div>
  );
}

function Doctor() {
  const client = useQueryClient();
  const checks = useQuery({ queryKey: ['checks'], queryFn: readChecks });
  const may = useMay('operator');
  const [ended, setEnded] = useState<Job | null>(null);
  const onDone = useCallback(
    (job: Job) => {
      setEnded(job);
      void client.invalidateQueries({ queryKey: ['checks'] });
    },
    [client],
  );
  const looking = useJob(runDoctor, onDone);
  const found = checks.data ?? null;
  return (
    <Card
      action={
        may && (
          <Button busy={looking.busy} icon={Stethoscope} onPress={looking.start} small>
            Run the checks
          </Button>
        )
      }
      hint={
        found === null || found.at === null ? (
          'Keys, rights, both sides, every mailbox; it only reads'
        ) : (
          <>
            Looked <Moment at={found.at} />
          </>
        )
      }
      title="Doctor"
    >
      {looking.error !== null && <Failure error={looking.error} onRetry={looking.start} />}
      {looking.busy && looking.job !== null && <JobProgress job={looking.job} />}
      {ended !== null && !looking.busy && <JobFailure job={ended} />}
      {found === null ? (
        <p className="muted">Nobody has looked since the server began.</p>
      ) : (
        <CheckList checks={found.checks} />
      )}
    </Card>
  );
}

function Figures({ health: { state, role, lanes, lag, queue } }: { readonly health: Health }) {
  return (
    <div className="grid-4">
      <Stat
        label="Longest lag"
        note={lag.late === 0 ? 'nobody is late' : `${plural(lag.late, 'mailbox is', 'mailboxes are')} late`}
        value={lanes.total === 0 ? '–' : shortDuration(lag.worstMs)}
      />
      <Stat
        label="Mailboxes ready"
        note={lanes.blocked === 0 ? 'none is blocked' : `${count(lanes.blocked)} blocked`}
        value={`${count(lanes.ready)} of ${count(lanes.total)}`}
      />
      <Stat
        label="Have their turn"
        note={`${count(queue.waiting)} wait, ${count(queue.loading)} load for the first time`}
        value={count(queue.working)}
      />
      <Stat
        label="Failing"
        note={role === 'api' ? 'other processes work on mailboxes' : `the runner is ${state}`}
        value={count(lag.failing)}
      />
    </div>
  );
}

export function HealthPage() {
  const health = useQuery({ queryKey: ['health'], queryFn: readHealth, refetchInterval: 15_000 });
  return (
    <Page
      about="How quickly changes go over, what slows them down, and how long the keys last."
      title="Health"
    >
      <Loaded label="Reading the figures" lines={12} query={health}>
        {(data) => (
          <>
            {data.circuitOpenUntil !== null && (
              <Notice title="A service is taken to be down." tone="bad">
                It is tried again <Moment at={data.circuitOpenUntil} />. Nothing is lost meanwhile.
              </Notice>
            )}
            <Figures health={data} />
            <Charts />
            <div className="grid-2">
              <KeysCard />
              <Doctor />
            </div>
          </>
        )}
      </Loaded>
    </Page>
  );
}
