import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import {
  findUsers,
  type MailboxRow,
  matchUser,
  pauseMailboxes,
  resetMailbox,
  resumeMailboxes,
} from '../api/mailboxes.ts';
import { Button } from '../components/button.tsx';
import { Confirm, Dialog } from '../components/dialog.tsx';
import { TextInput } from '../components/field.tsx';
import { ComboInput } from '../components/select.tsx';
import { Failure } from '../components/states.tsx';
import { useToasts } from '../components/toast.tsx';
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
  const [user, setUser] = useState<string | null>(row.user?.id ?? null);
  const users = useQuery({ queryKey: ['crm-users', row.address], queryFn: () => findUsers('') });
  const matching = useDoing(() => matchUser(row.address, user), {
    said: `Decided for ${row.address}`,
    onDone,
  });
  const undeciding = useDoing(() => matchUser(row.address, null), {
    said: `The decision about ${row.address} is taken back`,
    onDone,
  });
  const known = users.data ?? row.candidates;
  const choices = known.map(({ id, name, email, active }) => ({
    id,
    label: name,
    hint: [email, active ? null : 'inactive'].filter((part) => part !== null).join(' · '),
  }));
  return (
    <Dialog onClose={onClose} open title="Whose mailbox is it in the CRM?">
      <p className="muted break">
        {row.name}, {row.address}
      </p>
      {matching.error !== null && <Failure error={matching.error} />}
      {undeciding.error !== null && <Failure error={undeciding.error} />}
      <ComboInput
        choices={choices}
        hint="Its records take part, and new ones belong to this user. A decision comes before every key of the configuration."
        key={users.data === undefined ? 'loading' : 'loaded'}
        label="CRM user"
        onChange={setUser}
        value={user}
      />
      {users.error !== null && <Failure error={users.error} onRetry={() => void users.refetch()} />}
      <div className="dialog-actions">
        {row.matchedBy === 'decided' && (
          <Button busy={undeciding.isPending} onPress={() => undeciding.mutate()}>
            Take the decision back
          </Button>
        )}
        <Button onPress={onClose}>Cancel</Button>
        <Button
          busy={matching.isPending}
          disabled={user === null}
          kind="primary"
          onPress={() => matching.mutate()}
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
