import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type Profile, saveProfile } from '../api/profiles.ts';
import { Button } from '../components/button.tsx';
import { Card } from '../components/card.tsx';
import { Toggle } from '../components/choice.tsx';
import { TextInput } from '../components/field.tsx';
import { SelectInput } from '../components/select.tsx';
import { Failure } from '../components/states.tsx';
import { useToasts } from '../components/toast.tsx';
import { useMay } from '../shell/session.tsx';
import {
  type Changes,
  type Drafted,
  hasEvents,
  ruleOf,
  withEvents,
  withRule,
  writtenWith,
} from '../words/profile-draft.ts';
import { CONTACT_RULES, EVENT_RULES, type RuleField, textOf, typedValue } from '../words/profile-rules.ts';

interface FieldProps {
  readonly field: RuleField;
  readonly drafted: Drafted;
  readonly onChange: (changes: Changes) => void;
}

/** Text is kept as it is typed, and becomes a rule beside it. */
function TypedField({ field, drafted, onChange }: FieldProps) {
  const [text, setText] = useState(() => textOf(ruleOf(drafted, field.path)));
  if (field.kind === 'choice' || field.kind === 'toggle') return null;
  const { kind, path, label, hint } = field;
  return (
    <TextInput
      hint={hint}
      label={label}
      onChange={(next) => {
        setText(next);
        onChange(withRule(drafted, path, typedValue(kind, next)));
      }}
      value={text}
    />
  );
}

function RuleInput({ field, drafted, onChange }: FieldProps) {
  const { path, label } = field;
  const value = ruleOf(drafted, path);
  const set = (next: unknown): void => onChange(withRule(drafted, path, next));
  if (field.kind === 'toggle') {
    return (
      <Toggle on={value !== false} onChange={set}>
        {label}
      </Toggle>
    );
  }
  if (field.kind !== 'choice') return <TypedField drafted={drafted} field={field} onChange={onChange} />;
  return (
    <SelectInput
      choices={field.choices}
      hint={field.hint}
      label={label}
      onChange={set}
      value={typeof value === 'string' ? value : null}
    />
  );
}

interface RulesProps extends Omit<FieldProps, 'field'> {
  readonly fields: readonly RuleField[];
}

function RuleGrid({ fields, ...rest }: RulesProps) {
  return (
    <div className="grid-2">
      {fields.map((field) => (
        <RuleInput field={field} key={field.path} {...rest} />
      ))}
    </div>
  );
}

interface ProfileRulesProps {
  readonly name: string;
  /** What it says already, or, of a new one, what the defaults say. */
  readonly profile: Pick<Profile, 'written' | 'effective'>;
  readonly isNew: boolean;
  readonly version: string;
}

interface SaveBarProps extends ProfileRulesProps {
  readonly drafted: Drafted;
  readonly onReset: () => void;
}

function SaveBar({ name, profile, isNew, version, drafted, onReset }: SaveBarProps) {
  const client = useQueryClient();
  const { say } = useToasts();
  const may = useMay('setup');
  const saving = useMutation({
    mutationFn: () => saveProfile(name, writtenWith(profile.written, drafted.changes), version),
    onSuccess: () => {
      say(`Profile ${name} saved`, 'Both sides are read completely once; nothing is deleted because of it.');
      void client.invalidateQueries();
    },
  });
  const changed = isNew || drafted.changes.size > 0;
  if (!may) return <p className="muted">Somebody with the role setup can change this.</p>;
  return (
    <>
      {saving.error !== null && <Failure error={saving.error} />}
      <div className="save-bar">
        <span className="muted">{changed ? 'Not saved yet.' : 'Saved.'}</span>
        <Button disabled={drafted.changes.size === 0} onPress={onReset}>
          Take back
        </Button>
        <Button busy={saving.isPending} disabled={!changed} kind="primary" onPress={() => saving.mutate()}>
          Save
        </Button>
      </div>
    </>
  );
}

const NOTHING: Changes = new Map();

export function ProfileRules(props: ProfileRulesProps) {
  const { effective } = props.profile;
  const [changes, setChanges] = useState<Changes>(NOTHING);
  const [begun, setBegun] = useState(0);
  const drafted: Drafted = { effective, changes };
  const events = hasEvents(drafted);
  return (
    <div className="stack" key={begun}>
      <Card
        action={
          <Toggle
            on={ruleOf(drafted, 'contacts.sync') !== false}
            onChange={(on) => setChanges(withRule(drafted, 'contacts.sync', on))}
          >
            Contacts take part
          </Toggle>
        }
        hint="Leaving a rule never deletes: what no longer meets it rests on both sides."
        title="Contacts"
      >
        <RuleGrid drafted={drafted} fields={CONTACT_RULES} onChange={setChanges} />
      </Card>
      <Card
        action={
          <Toggle on={events} onChange={(on) => setChanges(withEvents(drafted, on))}>
            Events take part
          </Toggle>
        }
        hint="A change that would make Exchange send mail is counted before it is written. A first sync sends none."
        title="Events"
      >
        {events ? (
          <RuleGrid drafted={drafted} fields={EVENT_RULES} onChange={setChanges} />
        ) : (
          <p className="muted">No event of these mailboxes takes part.</p>
        )}
      </Card>
      <SaveBar
        {...props}
        drafted={drafted}
        onReset={() => {
          setChanges(NOTHING);
          setBegun(begun + 1);
        }}
      />
    </div>
  );
}
