import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { carryOutUndo, type LaneUndo, previewUndo, type UndoItem, type UndoMode } from '../api/history.ts';
import { Button } from '../components/button.tsx';
import { Radios } from '../components/choice.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Failure, Loaded } from '../components/states.tsx';
import { useToasts } from '../components/toast.tsx';
import { Notice } from '../components/tone.tsx';
import { Changes, SidePill } from '../components/value.tsx';
import { plural } from '../words/figures.ts';
import { SIDE } from '../words/values.ts';

const MODES = [
  {
    id: 'hold',
    label: 'Hold the field',
    hint: 'The side it came from keeps its value; the field waits in Review.',
  },
  {
    id: 'revert-source',
    label: 'Take both sides back',
    hint: 'The side it came from gets its old value back too, where it still has the new one.',
  },
  { id: 'detach', label: 'Unlink', hint: 'The pairs are unlinked for good.' },
] as const satisfies readonly { id: UndoMode; label: string; hint: string }[];

const WHOLE: Readonly<Record<string, string>> = {
  create: 'is made again in the',
  delete: 'is deleted again in the',
  link: 'is paired again',
  unlink: 'is unlinked',
};

const SHOWN = 40;

function Planned({ item }: { readonly item: UndoItem }) {
  const whole = WHOLE[item.op];
  return (
    <li>
      <div className="row">
        <span className="strong">{item.title}</span>
        <SidePill side={item.side} />
        {whole !== undefined && (
          <span className="muted">{`${whole} ${whole.endsWith('the') ? SIDE[item.side] : ''}`}</span>
        )}
      </div>
      {whole === undefined && <Changes changes={item.changes} />}
      {item.reason !== null && <div className="muted small">{item.reason}</div>}
    </li>
  );
}

function Preview({ lanes }: { readonly lanes: readonly LaneUndo[] }) {
  const items = lanes.flatMap((lane) => lane.items).filter(({ code }) => code !== 'already');
  const planned = items.filter(({ outcome }) => outcome === 'planned');
  const skipped = items.filter(({ outcome }) => outcome === 'skipped');
  if (planned.length === 0 && skipped.length === 0)
    return <Notice tone="info">Everything is as it was before. There is nothing to take back.</Notice>;
  return (
    <div className="stack">
      <p>
        {plural(planned.length, 'change is', 'changes are')} taken back
        {skipped.length > 0 && `; ${plural(skipped.length, 'one stays', 'stay')} as it is`}. The mailboxes are
        paused until somebody resumes them, so that nothing flows back at once.
      </p>
      <ul className="list card">
        {[...planned, ...skipped].slice(0, SHOWN).map((item) => (
          <Planned item={item} key={`${item.linkId} ${item.side} ${item.op}`} />
        ))}
        {items.length > SHOWN && <li className="muted">{plural(items.length - SHOWN, 'more', 'more')}</li>}
      </ul>
    </div>
  );
}

interface UndoDialogProps {
  readonly title: string;
  /** A run, or a pair. */
  readonly what: string;
  readonly onClose: () => void;
}

/** Shows what an undo would do before it does it. */
export function UndoDialog({ title, what, onClose }: UndoDialogProps) {
  const [mode, setMode] = useState<UndoMode>('hold');
  const client = useQueryClient();
  const { say } = useToasts();
  const preview = useQuery({
    queryKey: ['undo', what, mode],
    queryFn: () => previewUndo({ what, mode }),
    staleTime: 0,
  });
  const doing = useMutation({
    mutationFn: () => carryOutUndo({ what, mode }),
    onSuccess: (lanes) => {
      const done = lanes.flatMap(({ items }) => items).filter(({ outcome }) => outcome === 'done').length;
      say(`${plural(done, 'change')} taken back`, 'The mailboxes are paused until somebody resumes them.');
      void client.invalidateQueries();
      onClose();
    },
  });
  const nothing = !(
    preview.data?.some(({ items }) => items.some(({ outcome }) => outcome === 'planned')) ?? false
  );
  return (
    <Dialog onClose={onClose} open title={`Undo: ${title}`} wide>
      <Radios choices={MODES} label="And the side that a change came from?" onChange={setMode} value={mode} />
      <Loaded label="Looking at what can be taken back" lines={3} query={preview}>
        {(lanes) => <Preview lanes={lanes} />}
      </Loaded>
      {doing.error !== null && <Failure error={doing.error} />}
      <div className="dialog-actions">
        <Button onPress={onClose}>Cancel</Button>
        <Button busy={doing.isPending} disabled={nothing} kind="danger" onPress={() => doing.mutate()}>
          Take it back
        </Button>
      </div>
    </Dialog>
  );
}
