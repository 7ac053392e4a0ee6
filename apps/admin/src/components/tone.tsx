import { CircleAlert, CircleCheck, Info, type LucideIcon, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Tone } from '../words/tone.ts';

const ICONS: Readonly<Record<Tone, LucideIcon | null>> = {
  ok: CircleCheck,
  warn: TriangleAlert,
  bad: CircleAlert,
  info: Info,
  violet: Info,
  neutral: null,
};

interface PillProps {
  readonly tone: Tone;
  readonly children: ReactNode;
  readonly icon?: LucideIcon;
}

/** A state in one or two words; its colour never says more than its text. */
export function Pill({ tone, children, icon }: PillProps) {
  const Icon = icon ?? ICONS[tone];
  return (
    <span className={`pill tone-${tone}`}>
      {Icon && <Icon aria-hidden size={13} strokeWidth={2.4} />}
      {children}
    </span>
  );
}

interface NoticeProps {
  readonly tone: Tone;
  readonly title?: ReactNode;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
  /** Read out as soon as it appears. */
  readonly live?: boolean;
}

export function Notice({ tone, title, children, action, live = false }: NoticeProps) {
  const Icon = ICONS[tone] ?? Info;
  const role = live ? (tone === 'bad' ? 'alert' : 'status') : undefined;
  return (
    <div className={`notice tone-${tone}`} role={role}>
      <Icon aria-hidden size={18} />
      <div className="notice-body">
        {title !== undefined && <strong>{title}</strong>}
        {children !== undefined && <div>{children}</div>}
      </div>
      {action}
    </div>
  );
}

export function ToneIcon({ tone, size = 18 }: { readonly tone: Tone; readonly size?: number }) {
  const Icon = ICONS[tone] ?? Info;
  return <Icon aria-hidden className={`ink-${tone}`} size={size} />;
}
