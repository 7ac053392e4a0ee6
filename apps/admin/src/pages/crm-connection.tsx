import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Pencil, RotateCw, Sparkles } from 'lucide-react';
import { useState } from 'react';
import { type Connections, checkCrm, provisionCrm, type SetupStep, type Tried } from '../api/connections.ts';
import { Button } from '../components/button.tsx';
import { CheckList } from '../components/check-list.tsx';
import { Failure } from '../components/states.tsx';
import { useToasts } from '../components/toast.tsx';
import { ToneIcon } from '../components/tone.tsx';
import { useMay } from '../shell/session.tsx';
import { adapterTitle } from '../words/connection-steps.ts';
import { CrmDialog } from './crm-dialog.tsx';

function Step({ step: { text, done, automatic, manual } }: { readonly step: SetupStep }) {
  return (
    <li className="sentence">
      <ToneIcon tone={done ? 'ok' : 'warn'} />
      <div>
        <div>{text}</div>
        {!done && !automatic && manual.length > 0 && (
          <ol className="manual">
            {manual.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ol>
        )}
      </div>
    </li>
  );
}

interface StepsProps {
  readonly name: string;
  readonly steps: readonly SetupStep[];
  readonly onDone: () => void;
}

function SetupSteps({ name, steps, onDone }: StepsProps) {
  const { say } = useToasts();
  const codes = steps.filter(({ done, automatic }) => !done && automatic).map(({ code }) => code);
  const doing = useMutation({
    mutationFn: () => provisionCrm(name, codes),
    onSuccess: () => {
      say('Done in the CRM.');
      onDone();
    },
  });
  return (
    <div className="stack-s">
      <h3>What the CRM needs</h3>
      <ul className="checks">
        {steps.map((step) => (
          <Step key={step.code} step={step} />
        ))}
      </ul>
      {doing.error !== null && <Failure error={doing.error} />}
      {codes.length > 0 && (
        <div className="row">
          <Button busy={doing.isPending} icon={Sparkles} onPress={() => doing.mutate()} small>
            Let Tidelock do it
          </Button>
        </div>
      )}
    </div>
  );
}

interface CrmConnectionProps {
  readonly name: string;
  readonly connections: Connections;
  readonly tried: Tried | null;
  readonly onTried: (tried: Tried) => void;
}

/** One CRM: tried, mended, and its options changed. */
export function CrmConnection({ name, connections, tried, onTried }: CrmConnectionProps) {
  const may = useMay('setup');
  const client = useQueryClient();
  const [editing, setEditing] = useState(false);
  const adapter = connections.crms.find((one) => one.name === name)?.adapter ?? '';
  const trying = useMutation({ mutationFn: () => checkCrm(name, {}), onSuccess: onTried });
  const again = (): void => {
    trying.mutate();
    void client.invalidateQueries({ queryKey: ['connections'] });
  };
  return (
    <div className="stack">
      <div className="row between">
        <div>
          <span className="strong">{adapterTitle(adapter, connections.crmAdapters)}</span>{' '}
          <span className="muted small mono">{adapter}</span>
        </div>
        {may && (
          <div className="row">
            <Button icon={Pencil} onPress={() => setEditing(true)} small>
              Options and secrets
            </Button>
            <Button busy={trying.isPending} icon={RotateCw} onPress={() => trying.mutate()} small>
              Try it
            </Button>
          </div>
        )}
      </div>
      {trying.error !== null && <Failure error={trying.error} onRetry={() => trying.mutate()} />}
      {tried === null ? (
        <p className="muted">
          {may ? 'Try it: every failure comes with its fix.' : 'Somebody with the role setup can try it.'}
        </p>
      ) : (
        <>
          <CheckList checks={tried.checks} />
          {tried.steps.length > 0 && <SetupSteps name={name} onDone={again} steps={tried.steps} />}
        </>
      )}
      {editing && (
        <CrmDialog
          adapters={connections.crmAdapters}
          name={name}
          onClose={() => setEditing(false)}
          onSaved={() => {
            setEditing(false);
            again();
          }}
        />
      )}
    </div>
  );
}
