import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Eye, Unplug } from 'lucide-react';
import { useState } from 'react';
import { disconnect, revealTenant } from '../api/connections.ts';
import { Button } from '../components/button.tsx';
import { Facts } from '../components/card.tsx';
import { Toggle } from '../components/choice.tsx';
import { Confirm } from '../components/dialog.tsx';
import { Failure } from '../components/states.tsx';
import { useToasts } from '../components/toast.tsx';
import { useMay } from '../shell/session.tsx';

function TenantId() {
  const { fail } = useToasts();
  const revealing = useMutation({ mutationFn: revealTenant, onError: fail });
  if (revealing.data !== undefined) return <span className="mono">{revealing.data.tenant}</span>;
  return (
    <span className="row">
      <span className="muted">sealed</span>
      <Button busy={revealing.isPending} icon={Eye} kind="quiet" onPress={() => revealing.mutate()} small>
        Show it
      </Button>
      <span className="muted small">Every look stands in the audit trail.</span>
    </span>
  );
}

export function DisconnectButton() {
  const [asked, setAsked] = useState(false);
  const [keep, setKeep] = useState(false);
  const client = useQueryClient();
  const leaving = useMutation({
    mutationFn: () => disconnect(keep),
    onSuccess: () => {
      setAsked(false);
      void client.invalidateQueries();
    },
  });
  return (
    <>
      <Button icon={Unplug} kind="danger" onPress={() => setAsked(true)} small>
        Disconnect
      </Button>
      <Confirm
        action="Disconnect"
        busy={leaving.isPending}
        kind="danger"
        onClose={() => setAsked(false)}
        onConfirm={() => leaving.mutate()}
        open={asked}
        title="Let this organisation go?"
      >
        {leaving.error !== null && <Failure error={leaving.error} />}
        <p>
          {keep
            ? 'Syncing stops, and tenant and tokens are forgotten. What was remembered stays here, sealed, so that the same organisation can be connected again and goes on where it stood.'
            : 'Syncing stops, tenant and tokens are forgotten, and the keys of everything that was remembered here are destroyed: history and undo are gone for good.'}{' '}
          Records on both sides stay as they are. In Entra, delete the enterprise application as well.
        </p>
        <Toggle on={keep} onChange={setKeep}>
          Keep history and undo
        </Toggle>
      </Confirm>
    </>
  );
}

export function TenantFacts({ adapter }: { readonly adapter: string }) {
  const may = useMay('setup');
  const facts = [
    { label: 'Connected by', value: <span className="mono">{adapter}</span> },
    ...(may ? [{ label: 'Tenant id', value: <TenantId /> }] : []),
  ];
  return <Facts facts={facts} />;
}
