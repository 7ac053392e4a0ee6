import { Settings2, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { CONFLICTS, FLOWS, type Mapping, type MappingRow, type PropertyInfo } from '../api/profiles.ts';
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

const choicesOf = (fields: readonly PropertyInfo[], chosen: string) => {
  const choices = fields.map(({ name, label, type, writable }) => ({
    ...{ id: name, label: name },
    hint: [label === name ? null : label, type, writable ? null : 'only read']
      .filter((one) => one !== null)
      .join(', '),
  }));
  const known = chosen === '' || choices.some(({ id }) => id === chosen);
  return known ? choices : [...choices, { id: chosen, label: chosen, hint: 'not known on that side' }];
};

interface RowFormProps {
  readonly row: MappingRow;
  readonly mapping: Mapping;
  readonly problem: string | null;
  readonly disabled: boolean;
  readonly onChange: (row: MappingRow) => void;
  /** Null: it stands in the mapping that the adapter ships, and can only be replaced. */
  readonly onRemove: (() => void) | null;
}

function More({ row, onChange }: Pick<RowFormProps, 'row' | 'onChange'>) {
  return (
    <div className="mapping-more">
      <TextInput
        label="Name in plans and history"
        onChange={(field) => onChange({ ...row, field })}
        value={row.field}
      />
      <SelectInput
        choices={CONFLICT_CHOICES}
        label="Who wins a conflict"
        onChange={(conflict) => onChange({ ...row, conflict })}
        value={row.conflict}
      />
      <SelectInput
        choices={MERGES}
        label="Changed on both sides"
        onChange={(merge) => onChange({ ...row, merge })}
        value={row.merge}
      />
      <SelectInput
        choices={BLANKS}
        label="A blank"
        onChange={(blank) => onChange({ ...row, blank })}
        value={row.blank}
      />
    </div>
  );
}

export function MappingRowForm({ row, mapping, problem, disabled, onChange, onRemove }: RowFormProps) {
  const [open, setOpen] = useState(problem !== null);
  const name = fieldName(row.field);
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
          choices={choicesOf(mapping.properties.mailbox, row.mailbox)}
          disabled={disabled}
          hideLabel
          label={`${name}: property of the mailbox`}
          onChange={(mailbox) => onChange({ ...row, mailbox })}
          value={row.mailbox === '' ? null : row.mailbox}
        />
        <SelectInput
          choices={DIRECTIONS}
          disabled={disabled}
          hideLabel
          label={`${name}: which way it flows`}
          onChange={(direction) => onChange({ ...row, direction })}
          value={row.direction}
        />
        <SelectInput
          choices={choicesOf(mapping.properties.crm, row.crm)}
          disabled={disabled}
          hideLabel
          label={`${name}: property of the CRM`}
          onChange={(crm) => onChange({ ...row, crm })}
          value={row.crm === '' ? null : row.crm}
        />
        {onRemove === null ? (
          <span />
        ) : (
          <IconButton disabled={disabled} icon={Trash2} label={`Remove ${name}`} onPress={onRemove} />
        )}
        {open && !disabled && <More onChange={onChange} row={row} />}
      </div>
      {problem !== null && <span className="field-error">{problem}</span>}
    </li>
  );
}
