import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ROLES, type Role } from '../api/session.ts';
import { addToken, addUser, type Invitation } from '../api/users.ts';
import { Button } from '../components/button.tsx';
import { Radios } from '../components/choice.tsx';
import { Dialog } from '../components/dialog.tsx';
import { TextInput } from '../components/field.tsx';
import { Stamp } from '../components/moment.tsx';
import { SelectInput } from '../components/select.tsx';
import { Failure } from '../components/states.tsx';
import { Notice } from '../components/tone.tsx';

const ABOUT: Readonly<Record<Role, string>> = {
  viewer: 'looks at everything but users, tokens and the tenant id',
  operator: 'also answers questions, pauses, plans, syncs and undoes',
  setup: 'also connects, changes rules, keys, users and tokens',
};
const ROLE_CHOICES = ROLES.map((id) => ({ id, label: id, hint: ABOUT[id] }));

interface DialogProps {
  readonly onClose: () => void;
}

interface LinkDialogProps extends DialogProps {
  readonly name: string;
  readonly invitation: Invitation;
}

/** A link with which somebody chooses a password. */
export function LinkDialog({ name, invitation: { link, endsAt }, onClose }: LinkDialogProps) {
  return (
    <Dialog onClose={onClose} open title={`A link for ${name}`}>
      <Notice title="It works once." tone="warn">
        Whoever has it chooses the password. Hand it over on a way that you trust, before{' '}
        <Stamp at={endsAt} />.
      </Notice>
      <code className="secret">{link}</code>
      <div className="dialog-actions">
        <Button kind="primary" onPress={onClose}>
          I have it
        </Button>
      </div>
    </Dialog>
  );
}

export function NewUser({ onClose }: DialogProps) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const client = useQueryClient();
  const adding = useMutation({
    mutationFn: () => addUser({ name, role }),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['users'] }),
  });
  if (adding.data !== undefined)
    return <LinkDialog invitation={adding.data.invitation} name={name} onClose={onClose} />;
  return (
    <Dialog onClose={onClose} open title="Add a user">
      {adding.error !== null && <Failure error={adding.error} />}
      <TextInput
        autoFocus
        hint="It stands in the audit trail beside everything that they do."
        label="Name"
        onChange={setName}
        required
        value={name}
      />
      <Radios choices={ROLE_CHOICES} label="Role" onChange={setRole} value={role} />
      <div className="dialog-actions">
        <Button onPress={onClose}>Cancel</Button>
        <Button
          busy={adding.isPending}
          disabled={name.trim() === ''}
          kind="primary"
          onPress={() => adding.mutate()}
        >
          Add
        </Button>
      </div>
    </Dialog>
  );
}

const DAYS = [
  { id: '30', label: '30 days' },
  { id: '90', label: '90 days' },
  { id: '365', label: 'one year' },
] as const;

export function NewToken({ onClose }: DialogProps) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [days, setDays] = useState<(typeof DAYS)[number]['id']>('90');
  const client = useQueryClient();
  const adding = useMutation({
    mutationFn: () => addToken({ name, role, days: Number(days) }),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['tokens'] }),
  });
  if (adding.data !== undefined) {
    return (
      <Dialog onClose={onClose} open title="Copy it now">
        <Notice title="It is shown this once." tone="warn">
          Only its hash is kept. Who has it may do what its role may.
        </Notice>
        <code className="secret">{adding.data.token}</code>
        <div className="dialog-actions">
          <Button kind="primary" onPress={onClose}>
            I have it
          </Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog onClose={onClose} open title="New API token">
      {adding.error !== null && <Failure error={adding.error} />}
      <TextInput autoFocus hint="What it is for." label="Name" onChange={setName} required value={name} />
      <Radios choices={ROLE_CHOICES} label="Role" onChange={setRole} value={role} />
      <SelectInput choices={DAYS} label="Ends after" onChange={setDays} value={days} />
      <div className="dialog-actions">
        <Button onPress={onClose}>Cancel</Button>
        <Button
          busy={adding.isPending}
          disabled={name.trim() === ''}
          kind="primary"
          onPress={() => adding.mutate()}
        >
          Make it
        </Button>
      </div>
    </Dialog>
  );
}
