import {
  MutationCache,
  QueryCache,
  QueryClient,
  QueryClientProvider,
  useQueryClient,
} from '@tanstack/react-query';
import { type ReactNode, Suspense } from 'react';
import { RouterProvider } from 'react-aria-components';
import { useLocation } from 'wouter';
import { isPassing } from './api/failure.ts';
import { type Session, signOut } from './api/session.ts';
import { Loading } from './components/states.tsx';
import { ToastPlace, useToasts } from './components/toast.tsx';
import { Routes } from './routes.tsx';
import { useBadges } from './shell/badges.ts';
import { LivePlace } from './shell/live.tsx';
import { isSignedOut, SESSION_KEY, SignedIn } from './shell/session.tsx';
import { Shell } from './shell/shell.tsx';

const RETRIES = 2;

/** Reads stay for a few seconds; what failed for a passing reason is tried again. A session that ended leads to the way in. */
function createQueries(): QueryClient {
  const onError = (error: unknown): void => {
    if (isSignedOut(error)) void client.invalidateQueries({ queryKey: SESSION_KEY });
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (failures, error) => isPassing(error) && failures < RETRIES,
        refetchOnWindowFocus: true,
      },
      mutations: { retry: false },
    },
  });
  return client;
}

const queries = createQueries();

const isOfSomebody = ({ queryKey }: { readonly queryKey: readonly unknown[] }): boolean =>
  queryKey[0] !== SESSION_KEY[0];

function Pages() {
  return (
    <Suspense fallback={<Loading label="Opening the page" />}>
      <Routes />
    </Suspense>
  );
}

function Inside() {
  const client = useQueryClient();
  const badges = useBadges();
  const { fail } = useToasts();
  const leave = async (): Promise<void> => {
    // First the page lets go of everything, so that nothing of it asks in the name of somebody who has left.
    client.setQueryData<Session>(SESSION_KEY, (session) => session && { ...session, signedIn: null });
    const others = client.getQueryCache().findAll({ predicate: isOfSomebody });
    await Promise.allSettled(others.map(({ promise }) => promise));
    await signOut().catch(fail);
    client.removeQueries({ predicate: isOfSomebody });
    await client.resetQueries({ queryKey: SESSION_KEY });
  };
  return (
    <Shell badges={badges} onSignOut={() => void leave()}>
      <Pages />
    </Shell>
  );
}

/** Links inside of components go through the same router as ours. */
function Routed({ children }: { readonly children: ReactNode }) {
  const [, go] = useLocation();
  return <RouterProvider navigate={go}>{children}</RouterProvider>;
}

export function App() {
  return (
    <QueryClientProvider client={queries}>
      <Routed>
        <ToastPlace>
          <SignedIn>
            <LivePlace>
              <Inside />
            </LivePlace>
          </SignedIn>
        </ToastPlace>
      </Routed>
    </QueryClientProvider>
  );
}
