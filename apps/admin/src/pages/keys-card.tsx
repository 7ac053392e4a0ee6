import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { BadgeCheck, Download, KeyRound } from 'lucide-react';
import { useState } from 'react';
import {
  certificateOf,
  checkKeys,
  type Key,
  type KeyAnswer,
  readKeys,
  retireKey,
  rotateKey,
} from '../api/keys.ts';
import { Button, OutsideButton } from '../components/button.tsx';
import { Card } from '../components/card.tsx';
import { Confirm } from '../components/dialog.tsx';
import { Stamp } from '../components/moment.tsx';
import { Empty, Failure, Loaded } from '../components/states.tsx';
import { useToasts } from '../components/toast.tsx';
import { Notice, Pill } from '../components/tone.tsx';
import { useMay } from '../shell/session.tsx';
import { KEY_LIFE_DAYS, keyTone, signsText } from '../words/key-words.ts';

interface KeyRowProps {
  readonly of: Key;
  readonly answer: KeyAnswer | undefined;
  /** Null: somebody else may. */
  readonly onRetire: (() => void) | null;
}

function Meter({ of: { days, stage } }: Pick<KeyRowProps, 'of'>) {
  const share = Math.max(0, Math.min(1, days / KEY_LIFE_DAYS));
  return (
    <svg aria-hidden className="meter" height="8" preserveAspectRatio="none" viewBox="0 0 100 8" width="100%">
      <rect className={`meter-${keyTone(stage)}`} height="8" width={share * 100} />
    </svg>
  );
}

function KeyRow({ of, answer, onRetire }: KeyRowProps) {
  const { keyName, notAfter, stage, text, signs } = of;
  return (
    <li className="stack-s">
      <div className="row between">
        <span>
          <span className="mono strong">{keyName}</span>{' '}
          <span className="muted small">{signsText(signs)}</span>
        </span>
        <Pill tone={keyTone(stage)}>{text}</Pill>
      </div>
      <Meter of={of} />
      {answer !== undefined && answer.state !== 'accepted' && (
        <Notice title={answer.text} tone="warn">
          {answer.remedy}
        </Notice>
      )}
      <div className="row between">
        <span className="muted small">
          until <Stamp at={notAfter} />
          {answer?.state === 'accepted' && ', accepted by Microsoft just now'}
        </span>
        <span className="row">
          <OutsideButton href={certificateOf(keyName)} icon={Download} small>
            Certificate
          </OutsideButton>
          {onRetire !== null && signs === 'as-well' && (
            <Button onPress={onRetire} small>
              Let it go
            </Button>
          )}
        </span>
      </div>
    </li>
  );
}

function useKeyActs() {
  const client = useQueryClient();
  const { say, fail } = useToasts();
  const again = (): void => void client.invalidateQueries();
  const rotating = useMutation({
    mutationFn: rotateKey,
    onSuccess: ({ key }) => {
      say(`There is a new key: ${key.keyName}.`, 'Both work until the old one is let go.');
      again();
    },
  });
  const checking = useMutation({ mutationFn: checkKeys, onError: fail });
  const retiring = useMutation({
    mutationFn: retireKey,
    onSuccess: () => {
      say('The key is destroyed.');
      again();
    },
  });
  return { rotating, checking, retiring };
}

type Acts = ReturnType<typeof useKeyActs>;

interface KeyListProps {
  readonly keys: readonly Key[];
  readonly answers: readonly KeyAnswer[];
  readonly onRetire: ((name: string) => void) | null;
}

function KeyList({ keys, answers, onRetire }: KeyListProps) {
  if (keys.length === 0) {
    return (
      <Empty icon={KeyRound} title="No key yet">
        The first one is made when the installation is set up: tidelock init.
      </Empty>
    );
  }
  return (
    <ul className="stack">
      {keys.map((key) => (
        <KeyRow
          answer={answers.find(({ keyName }) => keyName === key.keyName)}
          key={key.keyName}
          of={key}
          onRetire={onRetire === null ? null : () => onRetire(key.keyName)}
        />
      ))}
    </ul>
  );
}

interface ConfirmsProps {
  readonly acts: Acts;
  readonly asked: 'rotate' | string | null;
  readonly onClose: () => void;
}

function Confirms({ acts: { rotating, retiring }, asked, onClose }: ConfirmsProps) {
  return (
    <>
      <Confirm
        action="Make a new key"
        busy={rotating.isPending}
        onClose={onClose}
        onConfirm={() => rotating.mutate(undefined, { onSuccess: onClose })}
        open={asked === 'rotate'}
        title="Change the key?"
      >
        {rotating.error !== null && <Failure error={rotating.error} />}
        <p>
          A new key pair is made and tried first. The present one stays beside it, so no sync stops and nobody
          has to consent again.
        </p>
      </Confirm>
      <Confirm
        action="Destroy the key"
        busy={retiring.isPending}
        kind="danger"
        onClose={onClose}
        onConfirm={() => {
          if (asked !== null) retiring.mutate(asked, { onSuccess: onClose });
        }}
        open={asked !== null && asked !== 'rotate'}
        title={`Let ${asked ?? ''} go?`}
      >
        {retiring.error !== null && <Failure error={retiring.error} />}
        <p>
          It is refused unless another key is accepted. Then remove its certificate in the portal as well.
        </p>
      </Confirm>
    </>
  );
}

export function KeysCard() {
  const keys = useQuery({ queryKey: ['keys'], queryFn: readKeys });
  const [asked, setAsked] = useState<string | null>(null);
  const acts = useKeyActs();
  const { rotating, checking } = acts;
  const maySetUp = useMay('setup');
  const mayCheck = useMay('operator');
  return (
    <Card
      action={
        <span className="row">
          {mayCheck && (
            <Button busy={checking.isPending} icon={BadgeCheck} onPress={() => checking.mutate()} small>
              Check
            </Button>
          )}
          {maySetUp && (
            <Button icon={KeyRound} onPress={() => setAsked('rotate')} small>
              Change the key
            </Button>
          )}
        </span>
      }
      hint="What proves that we are we"
      title="Keys"
    >
      {rotating.data !== undefined && (
        <Notice title="What is to be done now" tone="info">
          <ol className="manual">
            {rotating.data.next.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ol>
        </Notice>
      )}
      <Loaded label="Reading the keys" lines={4} query={keys}>
        {(data) => (
          <KeyList answers={checking.data ?? []} keys={data} onRetire={maySetUp ? setAsked : null} />
        )}
      </Loaded>
      <Confirms acts={acts} asked={asked} onClose={() => setAsked(null)} />
    </Card>
  );
}
