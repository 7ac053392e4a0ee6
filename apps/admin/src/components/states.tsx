import type { UseQueryResult } from '@tanstack/react-query';
import { type LucideIcon, RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { sayFailure } from '../api/failure.ts';
import { Button } from './button.tsx';
import { Notice } from './tone.tsx';

const WIDTHS = ['w-2', 'w-3', 'w-1', 'w-3', 'w-2', 'w-1'] as const;

/** Takes the room that the content will take, so that nothing jumps. */
export function Loading({ label, lines = 6 }: { readonly label: string; readonly lines?: number }) {
  return (
    <div className="card">
      <div aria-label={label} className="card-body" role="status">
        {Array.from({ length: lines }, (_, line) => (
          <span
            className={`skeleton ${WIDTHS[line % WIDTHS.length]}`}
            key={WIDTHS[line % WIDTHS.length] + String(line)}
          />
        ))}
      </div>
    </div>
  );
}

interface EmptyProps {
  readonly icon: LucideIcon;
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}

export function Empty({ icon: Icon, title, children, action }: EmptyProps) {
  return (
    <div className="empty">
      <span className="empty-mark">
        <Icon aria-hidden size={22} />
      </span>
      <h2>{title}</h2>
      {children !== undefined && <p>{children}</p>}
      {action}
    </div>
  );
}

interface FailureProps {
  readonly error: unknown;
  readonly onRetry?: () => void;
}

/** What went wrong, why, and what to do about it, in the server's own words where it has some. */
export function Failure({ error, onRetry }: FailureProps) {
  const { title, problems, remedy } = sayFailure(error);
  return (
    <Notice
      action={
        onRetry && (
          <Button icon={RotateCw} onPress={onRetry} small>
            Try again
          </Button>
        )
      }
      live
      title={title}
      tone="bad"
    >
      {problems.map(({ path, reason, remedy: fix }) => (
        <p key={`${path} ${reason}`}>
          {path !== '' && <span className="mono">{path}: </span>}
          {reason} {fix !== '' && <span className="muted">{fix}</span>}
        </p>
      ))}
      {remedy !== null && <p>{remedy}</p>}
    </Notice>
  );
}

interface LoadedProps<T> {
  readonly query: UseQueryResult<T>;
  /** What is being loaded: read out. */
  readonly label: string;
  readonly lines?: number;
  readonly children: (data: T) => ReactNode;
}

/** The content of a query, or its place-holder, or its failure; what was loaded before stays while it is loaded anew. */
export function Loaded<T>({ query, label, lines, children }: LoadedProps<T>) {
  const { data, error, refetch } = query;
  const retry = (): void => void refetch();
  if (data === undefined) {
    if (error !== null) return <Failure error={error} onRetry={retry} />;
    return <Loading label={label} {...(lines !== undefined && { lines })} />;
  }
  return (
    <>
      {error !== null && <Failure error={error} onRetry={retry} />}
      {children(data)}
    </>
  );
}
