import { useMutation } from '@tanstack/react-query';
import { KeyRound, LogIn } from 'lucide-react';
import { type FormEvent, type ReactNode, useState } from 'react';
import { choosePassword, goToProvider, type Session, setUp, signIn } from '../api/session.ts';
import { Button } from '../components/button.tsx';
import { TextInput } from '../components/field.tsx';
import { Logo } from '../components/logo.tsx';
import { Failure } from '../components/states.tsx';
import { Notice } from '../components/tone.tsx';
import { passwordProblem } from '../words/password.ts';
import { ticketOf } from '../words/ticket.ts';

interface GateProps {
  readonly title: string;
  readonly about: string;
  readonly children: ReactNode;
}

function Gate({ title, about, children }: GateProps) {
  return (
    <main className="gate">
      <div className="gate-card">
        <span className="brand">
          <Logo size={32} />
          Tidelock
        </span>
        <div className="stack-s">
          <h1>{title}</h1>
          <p className="muted">{about}</p>
        </div>
        {children}
      </div>
    </main>
  );
}

function useForm(submit: () => void): (event: FormEvent) => void {
  return (event) => {
    event.preventDefault();
    submit();
  };
}

interface FormProps {
  readonly onSignedIn: () => void;
}

function LocalForm({ onSignedIn }: FormProps) {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const entering = useMutation({ mutationFn: () => signIn({ name, password }), onSuccess: onSignedIn });
  const onSubmit = useForm(() => entering.mutate());
  return (
    <form className="stack" onSubmit={onSubmit}>
      {entering.error !== null && <Failure error={entering.error} />}
      <TextInput autoComplete="username" label="Name" name="name" onChange={setName} required value={name} />
      <TextInput
        autoComplete="current-password"
        label="Password"
        name="password"
        onChange={setPassword}
        required
        type="password"
        value={password}
      />
      <Button busy={entering.isPending} kind="primary" type="submit">
        Sign in
      </Button>
    </form>
  );
}

interface TicketFormProps extends FormProps {
  readonly ticket: string;
  /** The first account names itself; one that was invited has a name. */
  readonly first: boolean;
}

function TicketForm({ ticket, first, onSignedIn }: TicketFormProps) {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [touched, setTouched] = useState(false);
  const making = useMutation({
    mutationFn: () => (first ? setUp(ticket, { name, password }) : choosePassword(ticket, password)),
    onSuccess: onSignedIn,
  });
  const problem = passwordProblem(password, name);
  const onSubmit = useForm(() => {
    setTouched(true);
    if (problem === null) making.mutate();
  });
  return (
    <form className="stack" onSubmit={onSubmit}>
      {making.error !== null && <Failure error={making.error} />}
      {first && (
        <TextInput
          autoComplete="username"
          hint="It stands in the audit trail beside everything you do."
          label="Your name"
          name="name"
          onChange={setName}
          required
          value={name}
        />
      )}
      <TextInput
        autoComplete="new-password"
        error={touched && problem !== null ? problem : undefined}
        hint="At least 12 characters. A sentence is easier to remember than a riddle."
        label="Password"
        name="password"
        onChange={setPassword}
        required
        type="password"
        value={password}
      />
      <Button busy={making.isPending} icon={KeyRound} kind="primary" type="submit">
        {first ? 'Make the first account' : 'Choose this password'}
      </Button>
    </form>
  );
}

interface ProvidersProps {
  readonly ways: Session['ways'];
  readonly ticket: string | null;
}

function Providers({ ways, ticket }: ProvidersProps) {
  const going = useMutation({ mutationFn: (name: string) => goToProvider(name, ticket) });
  if (ways.providers.length === 0) return null;
  return (
    <div className="stack-s">
      {going.error !== null && <Failure error={going.error} />}
      {ways.providers.map(({ name, title }) => (
        <Button busy={going.isPending} icon={LogIn} key={name} onPress={() => going.mutate(name)}>
          {`Sign in with ${title}`}
        </Button>
      ))}
    </div>
  );
}

interface SignInProps extends FormProps {
  readonly ways: Session['ways'];
}

/** The link that the server prints, or that somebody was handed: its ticket stands behind `#`, where no log of a proxy has it. */
export function SignInPage({ ways, onSignedIn }: SignInProps) {
  const ticket = ticketOf(location.hash);
  const enter = (): void => {
    if (location.hash !== '') history.replaceState(null, '', '/');
    onSignedIn();
  };
  if (ticket !== null && location.pathname === '/setup') {
    return (
      <Gate
        about="You are the first one here. This account may do everything; others follow under Users."
        title="Welcome"
      >
        <TicketForm first onSignedIn={enter} ticket={ticket} />
        <Providers ticket={ticket} ways={ways} />
      </Gate>
    );
  }
  if (ticket !== null) {
    return (
      <Gate about="This link works once. Whoever has it chooses the password." title="Choose a password">
        <TicketForm first={false} onSignedIn={enter} ticket={ticket} />
      </Gate>
    );
  }
  return (
    <Gate about="Contacts and calendars in step with your CRM." title="Sign in">
      {ways.setup && (
        <Notice title="Nobody can set anything up yet." tone="info">
          Open the one-time link that tidelock serve printed when it started.
        </Notice>
      )}
      <Providers ticket={null} ways={ways} />
      {ways.local && <LocalForm onSignedIn={enter} />}
    </Gate>
  );
}
