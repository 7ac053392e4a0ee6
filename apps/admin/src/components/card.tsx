import type { ReactNode } from 'react';

interface CardProps {
  readonly title?: string;
  readonly hint?: ReactNode;
  readonly action?: ReactNode;
  readonly foot?: ReactNode;
  /** Its children reach its borders: tables and lists. */
  readonly flush?: boolean;
  readonly children?: ReactNode;
}

export function Card({ title, hint, action, foot, flush = false, children }: CardProps) {
  return (
    <section aria-label={title} className="card">
      {title !== undefined && (
        <div className="card-head">
          <div>
            <h2>{title}</h2>
            {hint !== undefined && <p>{hint}</p>}
          </div>
          {action}
        </div>
      )}
      {flush ? children : <div className="card-body">{children}</div>}
      {Boolean(foot) && <div className="card-foot">{foot}</div>}
    </section>
  );
}

interface StatProps {
  readonly label: string;
  readonly value: ReactNode;
  readonly note?: ReactNode;
}

export function Stat({ label, value, note }: StatProps) {
  return (
    <div className="card stat">
      <span className="stat-label">{label}</span>
      <span className="stat-value">{value}</span>
      {note !== undefined && <span className="stat-note">{note}</span>}
    </div>
  );
}

export interface Fact {
  readonly label: string;
  readonly value: ReactNode;
}

export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl className="facts">
      {facts.map(({ label, value }) => (
        <FactRow key={label} label={label} value={value} />
      ))}
    </dl>
  );
}

function FactRow({ label, value }: Fact) {
  return (
    <>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </>
  );
}
