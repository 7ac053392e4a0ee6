import { useMutation } from '@tanstack/react-query';
import { KeyRound, LogIn } from 'lucide-react';
import { type FormEvent, type ReactNode, useState } from 'react';
import { OIDC_START, type Session, setUp, signIn } from '../api/session.ts';
import { Button, OutsideButton } from '../components/button.tsx';
import { TextInput } from '../components/field.tsx';
import { Logo } from '../components/logo.tsx';
import { Failure } from '../components/states.tsx';
import { Notice } from '../components/tone.tsx';
import { passwordProblem } from '../words/password.ts';

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
  const entering = useMutation({ mutationFn: () => signIn(name, password), onSuccess: onSignedIn });
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

interface FirstFormProps extends FormProps {
  readonly token: string;
}

function FirstForm({ token, onSignedIn }: FirstFormProps) {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [touched, setTouched] = useState(false);
  const making = useMutation({ mutationFn: () => setUp({ token, name, password }), onSuccess: onSignedIn });
  const problem = passwordProblem(password, name);
  const onSubmit = useForm(() => {
    setTouched(true);
    if (problem === null) making.mutate();
  });
  return (
    <form className="stack" onSubmit={onSubmit}>
      {making.error !== null && <Failure error={making.error} />}
      <TextInput
        autoComplete="username"
        hint="It stands in the audit trail beside everything you do."
        label="Your name"
        name="name"
        onChange={setName}
        required
        value={name}
      />
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
        Make the first account
      </Button>
    </form>
  );
}

interface SignInProps extends FormProps {
  readonly session: Session;
}

/** The link that the server prints at its first start: `/setup#<token>`, so that no log of any proxy holds the token. */
const setupToken = (): string => (location.pathname === '/setup' ? location.hash.slice(1) : '');

export function SignInPage({ session, onSignedIn }: SignInProps) {
  const token = setupToken();
  if (session.setupOpen && token !== '') {
    return (
      <Gate
        about="You are the first one here. This account may do everything; others follow from Users."
        title="Welcome"
      >
        <FirstForm onSignedIn={onSignedIn} token={token} />
      </Gate>
    );
  }
  const { local, oidc } = session.ways;
  return (
    <Gate about="Contacts and calendars in step with your CRM." title="Sign in">
      {session.setupOpen && (
        <Notice title="Nobody has an account yet." tone="info">
          Open the one-time link that tidelock serve printed when it started.
        </Notice>
      )}
      {oidc !== null && (
        <OutsideButton href={OIDC_START} icon={LogIn} kind="primary">
          {`Sign in with ${oidc.label}`}
        </OutsideButton>
      )}
      {local && !session.setupOpen && <LocalForm onSignedIn={onSignedIn} />}
    </Gate>
  );
}
