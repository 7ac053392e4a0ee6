import { ProgressBar } from 'react-aria-components';

interface ProgressProps {
  readonly label: string;
  readonly done: number | null;
  readonly total: number | null;
  /** It stands beside it already. */
  readonly hideLabel?: boolean;
}

/** How far something is; without a total it only says that it goes on. */
export function Progress({ label, done, total, hideLabel = false }: ProgressProps) {
  const known = done !== null && total !== null && total > 0;
  const text = known
    ? `${done.toLocaleString('en')} of ${total.toLocaleString('en')}`
    : (done?.toLocaleString('en') ?? '');
  return (
    <ProgressBar
      aria-label={label}
      className="progress"
      isIndeterminate={!known}
      valueLabel={text}
      {...(known && { value: done, maxValue: total })}
    >
      {({ percentage, isIndeterminate }) => (
        <>
          <span className="row between small">
            <span>{hideLabel ? '' : label}</span>
            <span className="num muted">{text}</span>
          </span>
          <span className="progress-track">
            <span
              className={isIndeterminate ? 'progress-fill indeterminate' : 'progress-fill'}
              {...(!isIndeterminate && { style: { width: `${percentage}%`, display: 'block' } })}
            />
          </span>
        </>
      )}
    </ProgressBar>
  );
}
