import { Settings2, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { CONFLICTS, type FieldInfo, type FieldRule, FLOWS, type Mapping } from '../api/profiles.ts';
import { Button, IconButton } from '../components/button.tsx';
import { TextInput } from '../components/field.tsx';
import { SelectInput } from '../components/select.tsx';
import { directionText } from '../words/profile-words.ts';
import { fieldName } from '../words/values.ts';

const DIRECTIONS = FLOWS.map((id) => ({ id, label: directionText(id) }));
const CONFLICT_WORDS = {
  newer: 'The newer value',
  mailbox: 'The mailbox',
  crm: 'The CRM',
  hold: 'Ask a person',
} as const;
const CONFLICT_CHOICES = CONFLICTS.map((id) => ({ id, label: CONFLICT_WORDS[id] }));
const MERGES = [
  { id: 'value', label: 'One value wins' },
  { id: 'set', label: 'Join the lists' },
  { id: 'text', label: 'Join the lines' },
] as const;
const BLANKS = [
  { id: 'propagate', label: 'Empties the other side' },
  { id: 'keep', label: 'Never erases a value' },
] as const;

const choicesOf = (fields: readonly FieldInfo[], chosen: string) => {
  const choices = fields.map(({ name, type, writable }) => ({
    id: name,
    label: name,
    hint: writable ? type : `${type}, only read`,
  }));
  const known = chosen === '' || choices.some(({ id }) => id === chosen);
  return known ? choices : [...choices, { id: chosen, label: chosen, hint: 'not known on that side' }];
};

interface MappingRowProps {
  readonly rule: FieldRule;
  readonly mapping: Mapping;
  readonly problem: string | null;
  readonly disabled: boolean;
  readonly onChange: (rule: FieldRule) => void;
  readonly onRemove: () => void;
}

function More({ rule, onChange }: Pick<MappingRowProps, 'rule' | 'onChange'>) {
  return (
    <div className="mapping-more">
      <TextInput
        label="Name in plans and history"
        onChange={(field) => onChange({ ...rule, field })}
        value={rule.field}
      />
      <SelectInput
        choices={CONFLICT_CHOICES}
        label="Who wins a conflict"
        onChange={(conflict) => onChange({ ...rule, conflict })}
        value={rule.conflict}
      />
      <SelectInput
        choices={MERGES}
        label="Changed on both sides"
        onChange={(merge) => onChange({ ...rule, merge })}
        value={rule.merge}
      />
      <SelectInput
        choices={BLANKS}
        label="A blank"
        onChange={(blank) => onChange({ ...rule, blank })}
        value={rule.blank}
      />
    </div>
  );
}

export function MappingRow({ rule, mapping, problem, disabled, onChange, onRemove }: MappingRowProps) {
  const [open, setOpen] = useState(problem !== null);
  const name = fieldName(rule.field);
  return (
    <li className="stack-s">
      <div className="row between">
        <span className="strong">{name}</span>
        <span className="row">
          <Button icon={Settings2} kind="quiet" onPress={() => setOpen(!open)} small>
            {open ? 'Less' : 'Conflicts and blanks'}
          </Button>
        </span>
      </div>
      <div className="mapping-row">
        <SelectInput
          choices={choicesOf(mapping.mailboxFields, rule.mailbox)}
          disabled={disabled}
          hideLabel
          label={`${name}: property of the mailbox`}
          onChange={(mailbox) => onChange({ ...rule, mailbox })}
          value={rule.mailbox === '' ? null : rule.mailbox}
        />
        <SelectInput
          choices={DIRECTIONS}
          disabled={disabled}
          hideLabel
          label={`${name}: which way it flows`}
          onChange={(direction) => onChange({ ...rule, direction })}
          value={rule.direction}
        />
        <SelectInput
          choices={choicesOf(mapping.crmFields, rule.crm)}
          disabled={disabled}
          hideLabel
          label={`${name}: property of the CRM`}
          onChange={(crm) => onChange({ ...rule, crm })}
          value={rule.crm === '' ? null : rule.crm}
        />
        <IconButton disabled={disabled} icon={Trash2} label={`Remove ${name}`} onPress={onRemove} />
        {open && !disabled && <More onChange={onChange} rule={rule} />}
      </div>
      {problem !== null && <span className="field-error">{problem}</span>}
    </li>
  );
}
