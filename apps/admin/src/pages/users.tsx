import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Ban, KeyRound, Link2, RotateCcw, UserPlus } from 'lucide-react';
import { useState } from 'react';
import { instant } from '../api/client.ts';
import { ROLES, type Role } from '../api/session.ts';
import {
  changeUser,
  inviteAgain,
  readTokens,
  readUsers,
  revokeToken,
  type Token,
  type User,
  type UserChange,
} from '../api/users.ts';
import { Button } from '../components/button.tsx';
import { Card } from '../components/card.tsx';
import { Confirm } from '../components/dialog.tsx';
import { Moment } from '../components/moment.tsx';
import { Page } from '../components/page.tsx';
import { SelectInput } from '../components/select.tsx';
import { Empty, Failure, Loaded } from '../components/states.tsx';
import { type Column, Table } from '../components/table.tsx';
import { useToasts } from '../components/toast.tsx';
import { Pill } from '../components/tone.tsx';
import { useMay, usePrincipal } from '../shell/session.tsx';
import { day } from '../words/figures.ts';
import { LinkDialog, NewToken, NewUser } from './user-dialogs.tsx';

const ROLE_CHOICES = ROLES.map((id) => ({ id, label: id }));

function useChange() {
  const client = useQueryClient();
  const { say, fail } = useToasts();
  return useMutation({
    mutationFn: ({ id, change }: { readonly id: string; readonly change: UserChange }) =>
      changeUser(id, change),
    onSuccess: () => {
      say('Changed', 'It holds from the next request on.');
      void client.invalidateQueries({ queryKey: ['users'] });
    },
    onError: fail,
  });
}

interface LinkButtonProps {
  readonly id: string;
  readonly name: string;
}

function LinkButton({ id, name }: LinkButtonProps) {
  const { fail } = useToasts();
  const inviting = useMutation({ mutationFn: () => inviteAgain(id), onError: fail });
  return (
    <>
      <Button busy={inviting.isPending} icon={Link2} kind="quiet" onPress={() => inviting.mutate()} small>
        New password link
      </Button>
      {inviting.data !== undefined && (
        <LinkDialog invitation={inviting.data} name={name} onClose={() => inviting.reset()} />
      )}
    </>
  );
}

function userColumns(
  self: string,
  change: (id: string, change: UserChange) => void,
): readonly Column<User>[] {
  return [
    {
      key: 'name',
      title: 'Name',
      heading: true,
      cell: ({ name, id }) => (
        <span>
          {name} {id === self && <Pill tone="neutral">you</Pill>}
        </span>
      ),
    },
    {
      key: 'via',
      title: 'Signs in',
      cell: ({ via }) => (via === 'local' ? 'with a password' : `through ${via}`),
    },
    {
      key: 'role',
      title: 'Role',
      cell: ({ id, name, role }) =>
        id === self ? (
          role
        ) : (
          <SelectInput<Role>
            choices={ROLE_CHOICES}
            hideLabel
            label={`Role of ${name}`}
            onChange={(chosen) => change(id, { role: chosen })}
            value={role}
          />
        ),
    },
    { key: 'seen', title: 'Last signed in', cell: ({ signedInAt }) => <Moment at={signedInAt} /> },
    {
      key: 'act',
      title: '',
      cell: ({ id, name, via, disabledAt }) =>
        id !== self && (
          <span className="row row-end">
            {via === 'local' && <LinkButton id={id} name={name} />}
            <Button
              icon={disabledAt === null ? Ban : RotateCcw}
              kind="quiet"
              onPress={() => change(id, { disabled: disabledAt === null })}
              small
            >
              {disabledAt === null ? 'Lock out' : 'Let in again'}
            </Button>
          </span>
        ),
    },
  ];
}

function UsersCard() {
  const users = useQuery({ queryKey: ['users'], queryFn: readUsers });
  const [adding, setAdding] = useState(false);
  const change = useChange();
  const { id: self } = usePrincipal();
  return (
    <Card
      action={
        <Button icon={UserPlus} onPress={() => setAdding(true)} small>
          Add a user
        </Button>
      }
      flush
      hint="viewer looks; operator answers, pauses, plans, undoes; setup does everything"
      title="Users"
    >
      <Loaded label="Reading the users" lines={3} query={users}>
        {(rows) => (
          <Table
            columns={userColumns(self, (id, what) => change.mutate({ id, change: what }))}
            keyOf={({ id }) => id}
            label="Users"
            rows={rows}
          />
        )}
      </Loaded>
      {adding && <NewUser onClose={() => setAdding(false)} />}
    </Card>
  );
}

const TOKEN_STATE = {
  valid: 'valid',
  over: 'over',
  revoked: 'revoked',
  'owner-disabled': 'owner locked out',
} as const;

function tokenColumns(onRevoke: (token: Token) => void): readonly Column<Token>[] {
  return [
    {
      key: 'name',
      title: 'Token',
      heading: true,
      cell: ({ name, id }) => (
        <span>
          {name}
          <span className="sub mono">{id}</span>
        </span>
      ),
    },
    { key: 'owner', title: 'Owner', cell: ({ owner }) => owner },
    { key: 'role', title: 'Role', cell: ({ role }) => role },
    { key: 'used', title: 'Last used', cell: ({ usedAt }) => <Moment at={usedAt} /> },
    {
      key: 'ends',
      title: 'Ends',
      cell: ({ endsAt, state }) =>
        state === 'valid' ? day(instant(endsAt)) : <Pill tone="neutral">{TOKEN_STATE[state]}</Pill>,
    },
    {
      key: 'act',
      title: '',
      cell: (token) =>
        token.state === 'valid' && (
          <Button icon={Ban} kind="quiet" onPress={() => onRevoke(token)} small>
            Revoke
          </Button>
        ),
    },
  ];
}

function TokensCard() {
  const client = useQueryClient();
  const tokens = useQuery({ queryKey: ['tokens'], queryFn: readTokens });
  const [adding, setAdding] = useState(false);
  const [revoked, setRevoked] = useState<Token | null>(null);
  const revoking = useMutation({
    mutationFn: ({ id }: Token) => revokeToken(id),
    onSuccess: () => {
      setRevoked(null);
      void client.invalidateQueries({ queryKey: ['tokens'] });
    },
  });
  return (
    <Card
      action={
        <Button icon={KeyRound} onPress={() => setAdding(true)} small>
          New token
        </Button>
      }
      flush
      hint="For programs: everything that this page does"
      title="API tokens"
    >
      <Loaded label="Reading the tokens" lines={3} query={tokens}>
        {(rows) => (
          <Table
            columns={tokenColumns(setRevoked)}
            empty={
              <Empty icon={KeyRound} title="No token yet">
                Programs sign in with one: Authorization: Bearer …
              </Empty>
            }
            keyOf={({ id }) => id}
            label="API tokens"
            rows={rows}
          />
        )}
      </Loaded>
      {adding && <NewToken onClose={() => setAdding(false)} />}
      <Confirm
        action="Revoke"
        busy={revoking.isPending}
        kind="danger"
        onClose={() => setRevoked(null)}
        onConfirm={() => {
          if (revoked !== null) revoking.mutate(revoked);
        }}
        open={revoked !== null}
        title={`Revoke ${revoked?.name ?? ''}?`}
      >
        {revoking.error !== null && <Failure error={revoking.error} />}
        <p>Whatever uses it is refused from now on. It cannot be brought back.</p>
      </Confirm>
    </Card>
  );
}

export function UsersPage() {
  const may = useMay('setup');
  return (
    <Page about="Who may look, who may act, and which programs." title="Users and tokens">
      {may && <UsersCard />}
      <TokensCard />
    </Page>
  );
}
