import { useMutation, useQueryClient } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { rotateKey } from '../api/health.ts';
import type { KeyLeft } from '../api/status.ts';
import { Button } from '../components/button.tsx';
import { Card } from '../components/card.tsx';
import { Confirm } from '../components/dialog.tsx';
import { Empty, Failure } from '../components/states.tsx';
import { useToasts } from '../components/toast.tsx';
import { Pill } from '../components/tone.tsx';
import { useMay } from '../shell/session.tsx';
import { day, plural } from '../words/figures.ts';
import type { Tone } from '../words/tone.ts';

const TONE: Readonly<Record<KeyLeft['stage'], Tone>> = {
  ok: 'ok',
  early: 'info',
  notice: 'info',
  soon: 'warn',
  urgent: 'bad',
  expired: 'bad',
};

/** Days that a certificate has at most: the bar is full with these. */
const LIFE = 180;

const left = ({ days, stage }: KeyLeft): string =>
  stage === 'expired' ? 'has ended' : stage === 'early' ? 'not valid yet' : `${plural(days, 'day')} left`;

function KeyRow({ name, onRotate }: { readonly name: KeyLeft; readonly onRotate: (() => void) | null }) {
  const { keyName, notAfter, days } = name;
  const share = Math.max(0, Math.min(1, days / LIFE));
  return (
    <li className="stack-s">
      <div className="row between">
        <span className="mono strong">{keyName}</span>
        <Pill tone={TONE[name.stage]}>{left(name)}</Pill>
      </div>
      <svg
        aria-hidden
        className="meter"
        height="8"
        preserveAspectRatio="none"
        viewBox="0 0 100 8"
        width="100%"
      >
        <rect className={`meter-${TONE[name.stage]}`} height="8" width={share * 100} />
      </svg>
      <div className="row between">
        <span className="muted small">until {day(notAfter)}</span>
        {onRotate !== null && (
          <Button onPress={onRotate} small>
            Change it
          </Button>
        )}
      </div>
    </li>
  );
}

export function KeysCard({ keys }: { readonly keys: readonly KeyLeft[] }) {
  const [asked, setAsked] = useState<string | null>(null);
  const client = useQueryClient();
  const { say } = useToasts();
  const may = useMay('setup');
  const rotating = useMutation({
    mutationFn: (keyName: string) => rotateKey(keyName),
    onSuccess: ({ next }) => {
      setAsked(null);
      say('There is a new key beside the old one.', next ?? 'Both work until the old one is let go.');
      void client.invalidateQueries();
    },
  });
  return (
    <Card hint="What proves to Microsoft and the CRM that we are we" title="Keys">
      {keys.length === 0 ? (
        <Empty icon={KeyRound} title="No key yet">
          The first one is made when Microsoft is connected.
        </Empty>
      ) : (
        <ul className="stack">
          {keys.map((key) => (
            <KeyRow key={key.keyName} name={key} onRotate={may ? () => setAsked(key.keyName) : null} />
          ))}
        </ul>
      )}
      <Confirm
        action="Make a new key"
        busy={rotating.isPending}
        onClose={() => setAsked(null)}
        onConfirm={() => {
          if (asked !== null) rotating.mutate(asked);
        }}
        open={asked !== null}
        title={`Change key ${asked ?? ''}?`}
      >
        {rotating.error !== null && <Failure error={rotating.error} />}
        <p>
          A new key is made beside it. Both work until the old one is let go; no sync stops, and nobody has to
          consent again.
        </p>
      </Confirm>
    </Card>
  );
}
