import { Check, X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { StepState } from '../words/connection-steps.ts';
import type { Tone } from '../words/tone.ts';

const TONE: Readonly<Record<StepState, Tone>> = { done: 'ok', open: 'info', failed: 'bad', waits: 'neutral' };
const WORD: Readonly<Record<StepState, string>> = {
  done: 'done',
  open: 'next',
  failed: 'wants a fix',
  waits: 'later',
};

interface WizardStepProps {
  readonly number: number;
  readonly title: string;
  readonly state: StepState;
  readonly children: ReactNode;
}

export function WizardStep({ number, title, state, children }: WizardStepProps) {
  return (
    <li className="step">
      <span className={`step-mark tone-${TONE[state]}`}>
        {state === 'done' ? (
          <Check aria-hidden size={16} />
        ) : state === 'failed' ? (
          <X aria-hidden size={16} />
        ) : (
          number
        )}
      </span>
      <div className="stack">
        <h2>
          {title} <span className={`small ink-${TONE[state]}`}>{WORD[state]}</span>
        </h2>
        {children}
      </div>
    </li>
  );
}
