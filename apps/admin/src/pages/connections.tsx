import { useQuery } from '@tanstack/react-query';
import { ExternalLink } from 'lucide-react';
import { useState } from 'react';
import { type Connections, readConnections, type Tried } from '../api/connections.ts';
import { LinkButton, OutsideButton } from '../components/button.tsx';
import { Card } from '../components/card.tsx';
import { Moment } from '../components/moment.tsx';
import { Page } from '../components/page.tsx';
import { Loaded } from '../components/states.tsx';
import { Notice } from '../components/tone.tsx';
import { WizardStep } from '../components/wizard-step.tsx';
import { useMay } from '../shell/session.tsx';
import { stepStates, type Trials, toldProblems } from '../words/connection-steps.ts';
import { CrmConnection } from './crm-connection.tsx';
import { DisconnectButton, TenantFacts } from './tenant-facts.tsx';

function Microsoft({ connections }: { readonly connections: Connections }) {
  const { mailbox, connected } = connections;
  const may = useMay('setup');
  return (
    <>
      <p>
        A global administrator of your Microsoft organisation consents once, on Microsoft's own pages. No
        password and no user's token ever comes here.
      </p>
      {mailbox.refused !== null && (
        <Notice title={mailbox.refused.text} tone="bad">
          Since <Moment at={mailbox.refused.since} />. {mailbox.refused.remedy}
        </Notice>
      )}
      {connected && <TenantFacts adapter={mailbox.adapter} />}
      {may && (
        <div className="row">
          <OutsideButton
            href={mailbox.connectUrl}
            icon={ExternalLink}
            kind={connected ? 'plain' : 'primary'}
            small={connected}
          >
            {connected ? 'Consent again' : 'Connect Microsoft 365'}
          </OutsideButton>
          {connected && <DisconnectButton />}
        </div>
      )}
    </>
  );
}

function Steps({ connections }: { readonly connections: Connections }) {
  const [trials, setTrials] = useState<Trials>(new Map<string, Tried>());
  const [microsoft, crm, next] = stepStates(connections, trials);
  return (
    <>
      {toldProblems(connections).map(({ path, reason, remedy }) => (
        <Notice key={path + reason} title={reason} tone="warn">
          <span className="mono">{path}</span>: {remedy}
        </Notice>
      ))}
      <Card flush>
        <ol className="steps">
          <WizardStep number={1} state={microsoft} title="Microsoft 365">
            <Microsoft connections={connections} />
          </WizardStep>
          <WizardStep number={2} state={crm} title="CRM">
            {connections.crms.map(({ name }) => (
              <CrmConnection
                connections={connections}
                key={name}
                name={name}
                onTried={(tried) => setTrials(new Map([...trials, [name, tried]]))}
                tried={trials.get(name) ?? null}
              />
            ))}
          </WizardStep>
          <WizardStep number={3} state={next} title="Then">
            <p>
              Prove which mailboxes the app reaches, choose those that take part, and look at the plan.
              Nothing is written before you approve it.
            </p>
            <div className="row">
              <LinkButton href="/reach">Reach</LinkButton>
              <LinkButton href="/mailboxes">Mailboxes</LinkButton>
              <LinkButton href="/plan">Plan</LinkButton>
            </div>
          </WizardStep>
        </ol>
      </Card>
    </>
  );
}

export function ConnectionsPage() {
  const connections = useQuery({ queryKey: ['connections'], queryFn: readConnections });
  return (
    <Page
      about="Both sides, tried over the real connections, with the exact fix for whatever fails."
      title="Connections"
    >
      <Loaded label="Reading the connections" lines={12} query={connections}>
        {(data) => <Steps connections={data} />}
      </Loaded>
    </Page>
  );
}
