import type { Check } from '../api/records.ts';
import type { Tone } from '../words/tone.ts';
import { ToneIcon } from './tone.tsx';

const TONE: Readonly<Record<Check['status'], Tone>> = { ok: 'ok', warn: 'warn', fail: 'bad' };
const WORD: Readonly<Record<Check['status'], string>> = { ok: 'well', warn: 'look', fail: 'failed' };

/** Checks with the exact fix of each that failed. */
export function CheckList({ checks }: { readonly checks: readonly Check[] }) {
  return (
    <ul className="checks">
      {checks.map(({ name, status, text, remedy }) => (
        <li className="sentence" key={name + text}>
          <ToneIcon tone={TONE[status]} />
          <div>
            <div>
              <span className="sr-only">{WORD[status]}: </span>
              {text}
            </div>
            {remedy !== null && status !== 'ok' && <div className="muted">{remedy}</div>}
          </div>
        </li>
      ))}
    </ul>
  );
}
