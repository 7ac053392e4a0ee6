import { CirclePlus, Link2, type LucideIcon, Pencil, Trash2, Unlink } from 'lucide-react';
import type { HistoryEntry } from '../api/items.ts';
import { Stamp } from '../components/moment.tsx';
import { Step } from '../components/value.tsx';
import type { Tone } from '../words/tone.ts';
import { fieldName, SIDE } from '../words/values.ts';

interface OpWords {
  readonly icon: LucideIcon;
  readonly tone: Tone;
  readonly text: (entry: HistoryEntry) => string;
}

const OPS: Readonly<Record<string, OpWords>> = {
  create: { icon: CirclePlus, tone: 'ok', text: ({ side }) => `Created in the ${SIDE[side]}` },
  delete: { icon: Trash2, tone: 'bad', text: ({ side }) => `Deleted in the ${SIDE[side]}` },
  link: { icon: Link2, tone: 'info', text: () => 'Linked as one person' },
  unlink: { icon: Unlink, tone: 'neutral', text: () => 'Unlinked' },
};

const CHANGED: OpWords = {
  icon: Pencil,
  tone: 'info',
  text: ({ side, field }) =>
    `${field === null ? 'Changed' : `${fieldName(field)} changed`} in the ${SIDE[side]}`,
};

function Entry({ entry }: { readonly entry: HistoryEntry }) {
  const words = OPS[entry.op] ?? CHANGED;
  const Icon = words.icon;
  return (
    <li>
      <span className={`timeline-mark tone-${words.tone}`}>
        <Icon aria-hidden size={12} />
      </span>
      <div className="stack-s">
        <span className="strong">{words.text(entry)}</span>
        {entry.field !== null && <Step from={entry.old} to={entry.new} />}
        <span className="muted small">
          <Stamp at={entry.at} /> · {entry.because} · run{' '}
          <span className="mono">{entry.runId.slice(0, 8)}</span>
        </span>
      </div>
    </li>
  );
}

export function Timeline({ entries }: { readonly entries: readonly HistoryEntry[] }) {
  if (entries.length === 0) return <p className="muted">Nothing was ever changed in it.</p>;
  return (
    <ol className="timeline">
      {entries.map((entry) => (
        <Entry
          entry={entry}
          key={`${entry.at} ${entry.runId} ${entry.side} ${entry.op} ${entry.field ?? ''}`}
        />
      ))}
    </ol>
  );
}
