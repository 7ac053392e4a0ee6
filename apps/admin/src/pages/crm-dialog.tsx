import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type Connections, type Crm, checkCrm, putSecret, readCrm, saveCrm } from '../api/connections.ts';
import { Button } from '../components/button.tsx';
import { CheckList } from '../components/check-list.tsx';
import { Dialog } from '../components/dialog.tsx';
import { TextInput } from '../components/field.tsx';
import { SelectInput } from '../components/select.tsx';
import { Failure, Loaded } from '../components/states.tsx';
import { useToasts } from '../components/toast.tsx';
import { parseOptions, secretNames } from '../words/crm-options.ts';

function SecretForm({ name }: { readonly name: string }) {
  const [value, setValue] = useState('');
  const { say } = useToasts();
  const storing = useMutation({
    mutationFn: () => putSecret(name, value),
    onSuccess: () => {
      setValue('');
      say(`${name} is in the secret store.`, 'It is never given back.');
    },
  });
  return (
    <div className="stack-s">
      {storing.error !== null && <Failure error={storing.error} />}
      <div className="secret-form">
        <TextInput
          autoComplete="off"
          label={`Secret ${name}`}
          onChange={setValue}
          type="password"
          value={value}
        />
        <Button busy={storing.isPending} disabled={value === ''} onPress={() => storing.mutate()}>
          Store
        </Button>
      </div>
    </div>
  );
}

interface FormProps {
  readonly crm: Crm;
  readonly adapters: Connections['crmAdapters'];
  readonly onClose: () => void;
  readonly onSaved: () => void;
}

function OptionsForm({ crm, adapters, onClose, onSaved }: FormProps) {
  const [adapter, setAdapter] = useState(crm.adapter.name);
  const [text, setText] = useState(() => JSON.stringify(crm.options, null, 2));
  const parsed = parseOptions(text);
  const options = parsed.options ?? {};
  const trying = useMutation({ mutationFn: () => checkCrm(crm.name, { adapter, options }) });
  const saving = useMutation({
    mutationFn: () => saveCrm(crm.name, { adapter, options, version: crm.version }),
    onSuccess: onSaved,
  });
  return (
    <>
      <SelectInput
        choices={adapters.map(({ name, title }) => ({ id: name, label: title, hint: name }))}
        label="Which CRM"
        onChange={setAdapter}
        value={adapter}
      />
      <TextInput
        error={parsed.problem ?? undefined}
        hint='As the configuration file has them, as JSON. A secret is a name: { "secret": "crm-token" }.'
        label="Options"
        multiline
        onChange={setText}
        value={text}
      />
      {secretNames(options).map((name) => (
        <SecretForm key={name} name={name} />
      ))}
      {trying.error !== null && <Failure error={trying.error} />}
      {trying.data !== undefined && <CheckList checks={trying.data.checks} />}
      {saving.error !== null && <Failure error={saving.error} />}
      <div className="dialog-actions">
        <Button onPress={onClose}>Cancel</Button>
        <Button busy={trying.isPending} disabled={parsed.options === null} onPress={() => trying.mutate()}>
          Try it
        </Button>
        <Button
          busy={saving.isPending}
          disabled={parsed.options === null}
          kind="primary"
          onPress={() => saving.mutate()}
        >
          Save
        </Button>
      </div>
    </>
  );
}

interface CrmDialogProps extends Omit<FormProps, 'crm'> {
  readonly name: string;
}

/** The options of a CRM connection: tried as they would be, saved once it answers. */
export function CrmDialog({ name, onClose, ...rest }: CrmDialogProps) {
  const crm = useQuery({ queryKey: ['crm', name], queryFn: () => readCrm(name), gcTime: 0 });
  return (
    <Dialog onClose={onClose} open title="CRM connection" wide>
      <Loaded label="Reading the options" query={crm}>
        {(data) => <OptionsForm crm={data} onClose={onClose} {...rest} />}
      </Loaded>
    </Dialog>
  );
}
