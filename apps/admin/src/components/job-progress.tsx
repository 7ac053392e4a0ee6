import { useMutation } from '@tanstack/react-query';
import { cancelJob, type Job } from '../api/jobs.ts';
import { useMay } from '../shell/session.tsx';
import { phaseText } from '../words/job-words.ts';
import { Button } from './button.tsx';
import { Progress } from './progress.tsx';
import { useToasts } from './toast.tsx';
import { Notice } from './tone.tsx';

/** How far long work is, and what it does at this moment. */
export function JobProgress({ job }: { readonly job: Job }) {
  const { progress, state } = job;
  const text = state === 'waiting' ? 'Waits for other work to end' : phaseText(progress);
  return (
    <div className="stack-s">
      <Progress done={progress?.done ?? null} label={text} total={progress?.total ?? null} />
      <div className="row">
        <StopButton id={job.id} stopping={state === 'stopping'} />
      </div>
    </div>
  );
}

function StopButton({ id, stopping }: { readonly id: string; readonly stopping: boolean }) {
  const { fail } = useToasts();
  const may = useMay('operator');
  const ending = useMutation({ mutationFn: () => cancelJob(id), onError: fail });
  if (!may) return null;
  return (
    <Button disabled={stopping || ending.isPending || ending.isSuccess} onPress={() => ending.mutate()} small>
      {stopping || ending.isSuccess ? 'Stops at the next safe point' : 'Stop'}
    </Button>
  );
}

/** Why long work came to nothing, and what to do. */
export function JobFailure({ job }: { readonly job: Job }) {
  const { failure, state } = job;
  if (state === 'cancelled') return <Notice title="It was stopped before its end." tone="warn" />;
  if (failure === null) return null;
  return (
    <Notice live title={failure.message} tone="bad">
      {failure.problems.map(({ path, reason, remedy }) => (
        <p key={path + reason}>
          <span className="mono">{path}</span>: {reason} <span className="muted">{remedy}</span>
        </p>
      ))}
      {failure.remedy !== null && <p>{failure.remedy}</p>}
    </Notice>
  );
}
