import { X } from 'lucide-react';
import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from 'react';
import { sayFailure } from '../api/failure.ts';
import type { Tone } from '../words/tone.ts';
import { IconButton } from './button.tsx';
import { ToneIcon } from './tone.tsx';

interface Toast {
  readonly id: number;
  readonly tone: Tone;
  readonly title: string;
  readonly text: string | null;
}

interface Toasts {
  readonly say: (title: string, text?: string) => void;
  readonly fail: (error: unknown) => void;
}

const ToastContext = createContext<Toasts>({ say: () => undefined, fail: () => undefined });

export const useToasts = (): Toasts => useContext(ToastContext);

const SHOWN_MS = 6_000;
const MOST = 4;

/** Says that something was done. What failed stays until somebody takes it away. */
export function ToastPlace({ children }: { readonly children: ReactNode }) {
  const [shown, setShown] = useState<readonly Toast[]>([]);
  const count = useRef(0);
  const drop = useCallback((id: number) => setShown((all) => all.filter((one) => one.id !== id)), []);
  const add = useCallback(
    (toast: Omit<Toast, 'id'>) => {
      count.current += 1;
      const id = count.current;
      setShown((all) => [...all.slice(1 - MOST), { ...toast, id }]);
      if (toast.tone !== 'bad') setTimeout(() => drop(id), SHOWN_MS);
    },
    [drop],
  );
  const value = useMemo<Toasts>(
    () => ({
      say: (title, text) => add({ tone: 'ok', title, text: text ?? null }),
      fail: (error) => {
        const { title, problems, remedy } = sayFailure(error);
        const reasons = problems.map(({ reason, remedy: fix }) => `${reason} ${fix}`.trim());
        add({ tone: 'bad', title, text: [...reasons, remedy ?? ''].join(' ').trim() || null });
      },
    }),
    [add],
  );
  return (
    <ToastContext value={value}>
      {children}
      <div aria-live="polite" className="toasts" role="status">
        {shown.map(({ id, tone, title, text }) => (
          <div className="toast" key={id}>
            <ToneIcon tone={tone} />
            <div>
              <div className="strong">{title}</div>
              {text !== null && <div className="muted small">{text}</div>}
            </div>
            <IconButton icon={X} label="Dismiss" onPress={() => drop(id)} small />
          </div>
        ))}
      </div>
    </ToastContext>
  );
}
