import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { assignProfile } from '../api/mailboxes.ts';
import { readProfiles } from '../api/profiles.ts';
import { Button } from '../components/button.tsx';
import { SelectInput } from '../components/select.tsx';
import { useToasts } from '../components/toast.tsx';
import { useMay } from '../shell/session.tsx';
import { plural } from '../words/figures.ts';
import type { Doing } from './mailbox-dialogs.tsx';

interface BulkBarProps {
  readonly picked: readonly string[];
  readonly onDo: (doing: Doing) => void;
  readonly onDone: () => void;
}

const NONE = '';

/** What can be done with several mailboxes at once. */
export function BulkBar({ picked, onDo, onDone }: BulkBarProps) {
  const profiles = useQuery({ queryKey: ['profiles'], queryFn: readProfiles });
  const [profile, setProfile] = useState<string | null>(null);
  const { say, fail } = useToasts();
  const maySetUp = useMay('setup');
  const assigning = useMutation({
    mutationFn: () => assignProfile(picked, profile === NONE ? null : profile),
    onSuccess: () => {
      const where = profile === NONE || profile === null ? 'are out of the list' : `follow ${profile}`;
      say(
        `${plural(picked.length, 'mailbox', 'mailboxes')} ${where}`,
        'The next run goes by it. Nothing is deleted.',
      );
      onDone();
    },
    onError: fail,
  });
  const choices = [
    ...(profiles.data?.items ?? []).map(({ name, description }) => ({
      id: name,
      label: name,
      hint: description ?? undefined,
    })),
    { id: NONE, label: 'Out of the list', hint: 'Pairs rest; nothing is deleted' },
  ];
  return (
    <section aria-label="With the chosen mailboxes" className="bulk">
      <span className="strong num">{plural(picked.length, 'mailbox', 'mailboxes')}</span>
      {maySetUp && (
        <>
          <SelectInput
            choices={choices}
            hideLabel
            label="Profile"
            onChange={setProfile}
            placeholder="Profile to follow"
            value={profile}
          />
          <Button
            busy={assigning.isPending}
            disabled={profile === null}
            kind="primary"
            onPress={() => assigning.mutate()}
          >
            Assign
          </Button>
        </>
      )}
      <Button onPress={() => onDo({ kind: 'pause', addresses: picked })}>Pause</Button>
      <Button onPress={() => onDo({ kind: 'resume', addresses: picked })}>Resume</Button>
    </section>
  );
}
