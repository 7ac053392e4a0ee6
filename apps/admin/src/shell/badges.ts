import { useQuery } from '@tanstack/react-query';
import { readStatus } from '../api/status.ts';

export const STATUS_KEY = ['status'] as const;
const OFTEN_MS = 10_000;

export const useStatus = () =>
  useQuery({ queryKey: STATUS_KEY, queryFn: readStatus, refetchInterval: OFTEN_MS });

/** Open questions, beside the page that answers them. */
export function useBadges(): Readonly<Record<string, number>> {
  const { data } = useStatus();
  const lanes = data?.lanes ?? [];
  const reviews = lanes.reduce((sum, { reviews: open, held }) => sum + open + (held === null ? 0 : 1), 0);
  return { '/reviews': reviews };
}
