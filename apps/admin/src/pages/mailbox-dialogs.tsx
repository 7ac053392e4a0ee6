import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import {
  type MailboxRow,
  matchUser,
  pauseMailboxes,
  resetMailbox,
  resumeMailboxes,
} from '../api/mailboxes.ts';
import { Button } from '../components/button.tsx';
import { Radios } from '../components/choice.tsx';
import { Confirm, Dialog } from '../components/dialog.tsx';
import { TextInput } from '../components/field.tsx';
import { Failure } from '../components/states.tsx';
import { useToasts } from '../components/toast.tsx';
import { Notice } from '../components/tone.tsx';
import { plural } from '../words/figures.ts';

/** What is about to be done with mailboxes. */
export type Doing =
  | { readonly kind: 'match'; readonly row: MailboxRow }
  | { readonly kind: 'pause'; readonly addresses: readonly string[] }
  | { readonly kind: 'resume'; readonly addresses: readonly string[] }
  | { readonly kind: 'reset'; readonly address: string };

interface DialogProps {
  readonly onClose: () => void;
  readonly onDone: () => void;
}

interface MailboxDialogProps extends DialogProps {
  readonly doing: Doing;
}

function useDoing(work: () => Promise<unknown>, of: { readonly said: string; readonly onDone: () => void }) {
  const { say } = useToasts();
  return useMutation({
    mutationFn: work,
    onSuccess: () => {
      say(of.said);
      of.onDone();
    },
  });
}

function MatchDialog({ row, onClose, onDone }: DialogProps & { readonly row: MailboxRow }) {
  const [user, setUser] = useState(row.candidates[0]?.id ?? row.crmUser?.email ?? '');
  const { say } = useToasts();
  const matching = useMutation({
    mutationFn: (whom: string | null) => matchUser(row.address, whom),
    onSuccess: ([result]) => {
      if (result === undefined || result.problem !== null) return;
      say(`Decided for ${row.address}`, 'The next run goes by it.');
      onDone();
    },
  });
  const problem = matching.data?.[0]?.problem ?? null;
  const choices = row.candidates.map(({ id, name, active }) => ({
    ...{ id, label: name },
    hint: active ? undefined : 'inactive',
  }));
  return (
    <Dialog onClose={onClose} open title="Whose mailbox is it in the CRM?">
      <p className="muted break">
        {row.name}, {row.address}
      </p>
      {matching.error !== null && <Failure error={matching.error} />}
      {problem !== null && (
        <Notice live title={problem.detail} tone="bad">
          {problem.remedy}
        </Notice>
      )}
      {choices.length > 0 && <Radios choices={choices} label="These fit" onChange={setUser} value={user} />}
      <TextInput
        hint="Its records take part, and new ones belong to this user. A decision comes before every key of the configuration."
        label="E-mail address or id of the CRM user"
        onChange={setUser}
        value={user}
      />
      <div className="dialog-actions">
        {row.matchedBy === 'decided' && (
          <Button disabled={matching.isPending} onPress={() => matching.mutate(null)}>
            Take the decision back
          </Button>
        )}
        <Button onPress={onClose}>Cancel</Button>
        <Button
          busy={matching.isPending}
          disabled={user.trim() === ''}
          kind="primary"
          onPress={() => matching.mutate(user.trim())}
        >
          Decide
        </Button>
      </div>
    </Dialog>
  );
}

const named = (addresses: readonly string[]): string =>
  addresses.length === 1 ? (addresses[0] ?? '') : plural(addresses.length, 'mailbox', 'mailboxes');

function PauseDialog({
  addresses,
  onClose,
  onDone,
}: DialogProps & { readonly addresses: readonly string[] }) {
  const [reason, setReason] = useState('');
  const pausing = useDoing(() => pauseMailboxes(addresses, reason), {
    said: `${named(addresses)} paused`,
    onDone,
  });
  return (
    <Confirm
      action="Pause"
      busy={pausing.isPending}
      onClose={onClose}
      onConfirm={() => pausing.mutate()}
      open
      title={`Pause ${named(addresses)}`}
    >
      {pausing.error !== null && <Failure error={pausing.error} />}
      <p>
        Nothing is read or written meanwhile, and nothing is lost: what changes is made up for afterwards.
      </p>
      <TextInput hint="Whoever looks next reads it." label="Why" onChange={setReason} value={reason} />
    </Confirm>
  );
}

function ResumeDialog({
  addresses,
  onClose,
  onDone,
}: DialogProps & { readonly addresses: readonly string[] }) {
  const resuming = useDoing(() => resumeMailboxes(addresses), {
    said: `${named(addresses)} resumed`,
    onDone,
  });
  return (
    <Confirm
      action="Resume"
      busy={resuming.isPending}
      onClose={onClose}
      onConfirm={() => resuming.mutate()}
      open
      title={`Resume ${named(addresses)}`}
    >
      {resuming.error !== null && <Failure error={resuming.error} />}
      <p>It goes on where it stood. What changed meanwhile flows with the next run.</p>
    </Confirm>
  );
}

function ResetDialog({ address, onClose, onDone }: DialogProps & { readonly address: string }) {
  const resetting = useDoing(() => resetMailbox(address), {
    said: `${address} is read completely again`,
    onDone,
  });
  return (
    <Confirm
      action="Read both sides again"
      busy={resetting.isPending}
      onClose={onClose}
      onConfirm={() => resetting.mutate()}
      open
      title={`Reset ${address}`}
    >
      {resetting.error !== null && <Failure error={resetting.error} />}
      <p>The next run reads mailbox and CRM completely. Pairs stay: nothing is created or deleted by it.</p>
    </Confirm>
  );
}

export function MailboxDialog({ doing, ...rest }: MailboxDialogProps) {
  if (doing.kind === 'match') return <MatchDialog row={doing.row} {...rest} />;
  if (doing.kind === 'pause') return <PauseDialog addresses={doing.addresses} {...rest} />;
  if (doing.kind === 'resume') return <ResumeDialog addresses={doing.addresses} {...rest} />;
  return <ResetDialog address={doing.address} {...rest} />;
}
