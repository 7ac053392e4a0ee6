import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { carryOutUndo, previewUndo, type UndoItem, type UndoMode, type UndoPreview } from '../api/history.ts';
import type { Job } from '../api/jobs.ts';
import { Button } from '../components/button.tsx';
import { CheckMark, Radios } from '../components/choice.tsx';
import { Dialog } from '../components/dialog.tsx';
import { JobFailure, JobProgress } from '../components/job-progress.tsx';
import { Failure, Loaded } from '../components/states.tsx';
import { useToasts } from '../components/toast.tsx';
import { Notice } from '../components/tone.tsx';
import { Changes, SidePill } from '../components/value.tsx';
import { useJob } from '../shell/use-job.ts';
import { plural } from '../words/figures.ts';
import { heldOf, undoWords } from '../words/undo-words.ts';

const MODES = [
  { id: 'hold', label: 'Hold the field', hint: 'It keeps its value; the field waits in Review.' },
  { id: 'revert-source', label: 'Take it back, too', hint: 'Where it still has the new value.' },
  { id: 'detach', label: 'Unlink', hint: 'The pairs are unlinked for good.' },
] as const satisfies readonly { id: UndoMode; label: string; hint: string }[];

const SHOWN = 40;

function Planned({ item }: { readonly item: UndoItem }) {
  return (
    <li className="stack-s">
      <div className="row">
        <span className="strong">{item.title}</span>
        <SidePill side={item.side} />
        {item.op !== 'update' && <span className="muted">{item.lines.join(', ')}</span>}
      </div>
      {item.op === 'update' && item.outcome === 'planned' && <Changes changes={item.changes} />}
      {item.reason !== null && <div className="muted small">{item.reason}</div>}
    </li>
  );
}

function Preview({ preview }: { readonly preview: UndoPreview }) {
  const { planned, skipped, text } = undoWords(preview);
  if (text === null)
    return <Notice tone="info">Everything is as it was before. There is nothing to take back.</Notice>;
  const items = [...planned, ...skipped];
  return (
    <div className="stack">
      <p>{text} The mailboxes are paused until somebody resumes them, so that nothing flows back at once.</p>
      <ul className="list card">
        {items.slice(0, SHOWN).map((item) => (
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

/** Shows what an undo would do before it does exactly that. */
export function UndoDialog({ title, what, onClose }: UndoDialogProps) {
  const [mode, setMode] = useState<UndoMode>('hold');
  const [approve, setApprove] = useState<string | null>(null);
  const client = useQueryClient();
  const { say } = useToasts();
  const ask = approve === null ? { what, mode } : { what, mode, approve };
  const preview = useQuery({
    queryKey: ['undo', what, mode, approve],
    queryFn: () => previewUndo(ask),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const [ended, setEnded] = useState<Job | null>(null);
  const onDone = useCallback(
    (job: Job) => {
      setEnded(job);
      void client.invalidateQueries();
      if (job.state !== 'done') return;
      say('Taken back.', 'The mailboxes are paused until somebody resumes them.');
      onClose();
    },
    [client, onClose, say],
  );
  const doing = useJob(() => carryOutUndo(ask, preview.data?.preview ?? ''), onDone);
  const held = preview.data === undefined ? null : heldOf(preview.data);
  const nothing = preview.data === undefined || undoWords(preview.data).planned.length === 0;
  return (
    <Dialog onClose={onClose} open title={`Undo: ${title}`} wide>
      <Radios choices={MODES} label="And the side that a change came from?" onChange={setMode} value={mode} />
      <Loaded label="Looking at what can be taken back" lines={3} query={preview}>
        {(data) => <Preview preview={data} />}
      </Loaded>
      {held !== null && (
        <CheckMark checked={approve === held.hash} onChange={(on) => setApprove(on ? held.hash : null)}>
          {`Also ${plural(held.count, 'delete')} beyond the brake: ${held.reason}`}
        </CheckMark>
      )}
      {doing.error !== null && <Failure error={doing.error} />}
      {ended !== null && <JobFailure job={ended} />}
      {doing.busy && doing.job !== null && <JobProgress job={doing.job} />}
      <div className="dialog-actions">
        <Button onPress={onClose}>Cancel</Button>
        <Button busy={doing.busy} disabled={nothing} kind="danger" onPress={doing.start}>
          Take it back
        </Button>
      </div>
    </Dialog>
  );
}
