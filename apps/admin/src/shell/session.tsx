import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext } from 'react';
import { Refused } from '../api/failure.ts';
import { mayActAs, type Principal, type Role, readSession } from '../api/session.ts';
import { Failure, Loading } from '../components/states.tsx';
import { SignInPage } from '../pages/sign-in.tsx';

const PrincipalContext = createContext<Principal | null>(null);

/** Who is signed in. Only inside of `SignedIn`. */
export function usePrincipal(): Principal {
  const principal = useContext(PrincipalContext);
  if (principal === null) throw new Error('nobody is signed in here');
  return principal;
}

/** Whether whoever is signed in may do what needs this role; the server judges again. */
export function useMay(role: Role): boolean {
  return mayActAs(usePrincipal().role, role);
}

export const SESSION_KEY = ['session'] as const;

export const isSignedOut = (error: unknown): boolean => error instanceof Refused && error.status === 401;

/** Shows the way in until somebody is signed in. */
export function SignedIn({ children }: { readonly children: ReactNode }) {
  const session = useQuery({ queryKey: SESSION_KEY, queryFn: readSession, staleTime: 60_000 });
  const client = useQueryClient();
  if (session.data === undefined) {
    return (
      <main className="gate">
        {session.error === null ? (
          <Loading label="Opening Tidelock" lines={3} />
        ) : (
          <Failure error={session.error} onRetry={() => void session.refetch()} />
        )}
      </main>
    );
  }
  const { signedIn, ways } = session.data;
  if (signedIn === null) return <SignInPage onSignedIn={() => void client.resetQueries()} ways={ways} />;
  return <PrincipalContext value={signedIn.principal}>{children}</PrincipalContext>;
}
