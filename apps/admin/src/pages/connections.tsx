import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ExternalLink, RotateCw } from 'lucide-react';
import { type Connections, checkConnections, readConnections } from '../api/connections.ts';
import { Button, LinkButton, OutsideButton } from '../components/button.tsx';
import { Card } from '../components/card.tsx';
import { CheckList } from '../components/check-list.tsx';
import { Moment } from '../components/moment.tsx';
import { Page } from '../components/page.tsx';
import { Failure, Loaded } from '../components/states.tsx';
import { WizardStep } from '../components/wizard-step.tsx';
import { useMay } from '../shell/session.tsx';
import { stepStates } from '../words/connection-steps.ts';
import { DisconnectButton, TenantFacts } from './tenant-facts.tsx';

function MicrosoftStep({ connections }: { readonly connections: Connections }) {
  const { mailbox } = connections;
  const may = useMay('setup');
  return (
    <>
      {mailbox.connected ? (
        <TenantFacts mailbox={mailbox} />
      ) : (
        <p>
          A global administrator of your Microsoft organisation consents once, on Microsoft's own pages. No
          password and no user's token ever comes here.
        </p>
      )}
      {mailbox.checks.length > 0 && <CheckList checks={mailbox.checks} />}
      {may && (
        <div className="row">
          {mailbox.connectUrl !== null && (
            <OutsideButton
              href={mailbox.connectUrl}
              icon={ExternalLink}
              kind={mailbox.connected ? 'plain' : 'primary'}
              small={mailbox.connected}
            >
              {mailbox.connected ? 'Consent again' : 'Connect Microsoft 365'}
            </OutsideButton>
          )}
          {mailbox.connected && <DisconnectButton />}
        </div>
      )}
    </>
  );
}

function CrmSteps({ connections }: { readonly connections: Connections }) {
  return (
    <ul className="stack">
      {connections.crms.map(({ name, label, adapter, checks }) => (
        <li className="stack-s" key={name}>
          <div>
            <span className="strong">{label}</span> <span className="muted small mono">{adapter}</span>
          </div>
          {checks.length === 0 ? (
            <p className="muted">Not checked yet. Run the checks above.</p>
          ) : (
            <CheckList checks={checks} />
          )}
        </li>
      ))}
    </ul>
  );
}

function Steps({ connections }: { readonly connections: Connections }) {
  const [microsoft, crm, next] = stepStates(connections);
  return (
    <Card
      flush
      foot={
        <span>
          {connections.checkedAt === null ? (
            'Not checked yet.'
          ) : (
            <>
              Checked <Moment at={connections.checkedAt} />, over the real connections.
            </>
          )}
        </span>
      }
    >
      <ol className="steps">
        <WizardStep number={1} state={microsoft} title="Microsoft 365">
          <MicrosoftStep connections={connections} />
        </WizardStep>
        <WizardStep number={2} state={crm} title="CRM">
          <CrmSteps connections={connections} />
        </WizardStep>
        <WizardStep number={3} state={next} title="Then">
          <p>
            Prove which mailboxes the app reaches, choose those that take part, and look at the plan. Nothing
            is written before you approve it.
          </p>
          <div className="row">
            <LinkButton href="/reach">Reach</LinkButton>
            <LinkButton href="/mailboxes">Mailboxes</LinkButton>
            <LinkButton href="/plan">Plan</LinkButton>
          </div>
        </WizardStep>
      </ol>
    </Card>
  );
}

export function ConnectionsPage() {
  const client = useQueryClient();
  const connections = useQuery({ queryKey: ['connections'], queryFn: readConnections });
  const checking = useMutation({
    mutationFn: checkConnections,
    onSuccess: (data) => client.setQueryData(['connections'], data),
  });
  const may = useMay('operator');
  return (
    <Page
      about="Both sides, checked over the real connections, with the exact fix for whatever fails."
      actions={
        may && (
          <Button busy={checking.isPending} icon={RotateCw} onPress={() => checking.mutate()}>
            Check now
          </Button>
        )
      }
      title="Connections"
    >
      {checking.error !== null && <Failure error={checking.error} onRetry={() => checking.mutate()} />}
      <Loaded label="Reading the connections" lines={10} query={connections}>
        {(data) => <Steps connections={data} />}
      </Loaded>
    </Page>
  );
}
