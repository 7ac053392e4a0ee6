import { useQuery } from '@tanstack/react-query';
import { Stethoscope } from 'lucide-react';
import type { ReactNode } from 'react';
import { type Health, readHealth, runDoctor } from '../api/health.ts';
import { Button } from '../components/button.tsx';
import { Card, Stat } from '../components/card.tsx';
import { LineChart } from '../components/chart.tsx';
import { CheckList } from '../components/check-list.tsx';
import { Page } from '../components/page.tsx';
import { Failure, Loaded } from '../components/states.tsx';
import { count, duration, shortDuration } from '../words/figures.ts';
import { KeysCard } from './keys-card.tsx';

const CHARTS = [
  { key: 'lag', title: 'Lag', hint: 'From a change to its write on the other side', say: shortDuration },
  { key: 'writes', title: 'Writes', hint: 'A minute, by side', say: count },
  { key: 'throttled', title: 'Throttling', hint: 'Requests a minute that were asked to wait', say: count },
  { key: 'errors', title: 'Errors', hint: 'A minute, by kind', say: count },
] as const;

function Charts({ health }: { readonly health: Health }) {
  return (
    <div className="grid-2">
      {CHARTS.map(({ key, title, hint, say }) => (
        <Card hint={hint} key={key} title={title}>
          <LineChart say={say} series={health[key]} title={title} />
        </Card>
      ))}
    </div>
  );
}

function Doctor() {
  const checks = useQuery({ queryKey: ['doctor'], queryFn: runDoctor, enabled: false });
  let content: ReactNode = (
    <p className="muted">
      Looks at everything that can be wrong: keys, rights, both sides, every mailbox. It only reads.
    </p>
  );
  if (checks.error !== null) content = <Failure error={checks.error} onRetry={() => void checks.refetch()} />;
  else if (checks.data !== undefined) content = <CheckList checks={checks.data} />;
  return (
    <Card
      action={
        <Button busy={checks.isFetching} icon={Stethoscope} onPress={() => void checks.refetch()} small>
          Run the checks
        </Button>
      }
      title="Doctor"
    >
      {content}
    </Card>
  );
}

const sumOf = (health: Health, key: 'throttled' | 'errors' | 'writes'): number =>
  health[key].reduce((total, { points }) => total + points.reduce((sum, { value }) => sum + value, 0), 0);

export function HealthPage() {
  const health = useQuery({ queryKey: ['health'], queryFn: readHealth, refetchInterval: 15_000 });
  return (
    <Page
      about="How quickly changes go over, what slows them down, and how long the keys last."
      title="Health"
    >
      <Loaded label="Reading the figures" lines={10} query={health}>
        {(data) => (
          <>
            <div className="grid-4">
              <Stat label="Up for" note={`version ${data.version}`} value={duration(data.uptimeMs)} />
              <Stat label="Writes" note="in the time shown" value={count(sumOf(data, 'writes'))} />
              <Stat
                label="Asked to wait"
                note="requests, in the time shown"
                value={count(sumOf(data, 'throttled'))}
              />
              <Stat label="Errors" note="in the time shown" value={count(sumOf(data, 'errors'))} />
            </div>
            <Charts health={data} />
            <div className="grid-2">
              <KeysCard keys={data.keys} />
              <Doctor />
            </div>
          </>
        )}
      </Loaded>
    </Page>
  );
}
