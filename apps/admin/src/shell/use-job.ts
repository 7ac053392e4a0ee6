import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { isOver, type Job, readJob } from '../api/jobs.ts';

const LOOK_MS = 700;

export interface RunningJob {
  readonly start: () => void;
  /** It was asked for, and has not come to its end. */
  readonly busy: boolean;
  /** As of the last look. */
  readonly job: Job | null;
  /** Why it could not begin, or be followed. */
  readonly error: Error | null;
}

/** Starts long work and follows it to its end; `onDone` is called once with what came of it. */
export function useJob(begin: () => Promise<Job>, onDone: (job: Job) => void): RunningJob {
  const [id, setId] = useState<string | null>(null);
  const client = useQueryClient();
  const starting = useMutation({ mutationFn: begin, onSuccess: (job) => setId(job.id) });
  const look = useQuery({
    queryKey: ['job', id],
    queryFn: () => readJob(id ?? ''),
    enabled: id !== null,
    refetchInterval: ({ state: { data } }) => (data !== undefined && isOver(data) ? false : LOOK_MS),
  });
  const job = look.data ?? null;
  const isDone = job !== null && isOver(job);
  useEffect(() => {
    if (job === null || !isOver(job)) return;
    setId(null);
    client.removeQueries({ queryKey: ['job', job.id] });
    onDone(job);
  }, [client, job, onDone]);
  return {
    start: () => starting.mutate(),
    busy: starting.isPending || (id !== null && !isDone),
    job,
    error: starting.error ?? look.error,
  };
}
