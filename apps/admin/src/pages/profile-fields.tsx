import type { ContactRules, EventRules, ProfileDraft } from '../api/profiles.ts';
import { DIRECTIONS } from '../api/profiles.ts';
import { Card } from '../components/card.tsx';
import { Toggle } from '../components/choice.tsx';
import { TextInput } from '../components/field.tsx';
import { SelectInput } from '../components/select.tsx';
import { DEFAULT_EVENTS, directionText } from '../words/profile-words.ts';

interface FieldsProps {
  readonly draft: ProfileDraft;
  readonly onChange: (draft: ProfileDraft) => void;
}

const FLOWS = DIRECTIONS.map((id) => ({ id, label: directionText(id) }));
const RECORDS = [
  { id: 'own', label: "The mailbox user's own" },
  { id: 'all', label: 'All records' },
  { id: 'named', label: 'Of the users below' },
] as const;
const DELETES = [
  { id: 'delete', label: 'Delete the partner', hint: 'after proof, under the brake' },
  { id: 'unlink', label: 'Unlink', hint: 'the partner stays' },
] as const;
const MASTERS = [
  { id: 'crm', label: 'The CRM' },
  { id: 'mailbox', label: 'The mailbox' },
] as const;

const words = (text: string): string[] =>
  text
    .split(/[,\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');

function RecordsField({
  contacts,
  set,
}: {
  readonly contacts: ContactRules;
  readonly set: (change: Partial<ContactRules>) => void;
}) {
  const { records } = contacts;
  const which = typeof records === 'string' ? records : 'named';
  return (
    <>
      <SelectInput
        choices={RECORDS}
        label="CRM records that take part"
        onChange={(chosen) => set({ records: chosen === 'named' ? [] : chosen })}
        value={which}
      />
      {typeof records !== 'string' && (
        <TextInput
          hint="E-mail addresses of CRM users, separated by commas."
          label="Whose records"
          onChange={(text) => set({ records: words(text) })}
          value={records.join(', ')}
        />
      )}
    </>
  );
}

export function ContactFields({ draft, onChange }: FieldsProps) {
  const { contacts } = draft;
  const set = (change: Partial<ContactRules>): void =>
    onChange({ ...draft, contacts: { ...contacts, ...change } });
  const { create, onDelete } = contacts;
  return (
    <Card
      action={
        <Toggle on={contacts.sync} onChange={(sync) => set({ sync })}>
          Contacts take part
        </Toggle>
      }
      hint="Leaving a rule never deletes: what no longer meets it rests on both sides."
      title="Contacts"
    >
      <TextInput
        label="What the profile is for"
        onChange={(description) =>
          onChange({ ...draft, description: description === '' ? null : description })
        }
        value={draft.description ?? ''}
      />
      <div className="grid-2">
        <SelectInput
          choices={FLOWS}
          label="Which way they flow"
          onChange={(direction) => set({ direction })}
          value={contacts.direction}
        />
        <SelectInput
          choices={MASTERS}
          hint="Where neither value is clearly newer."
          label="Who wins a conflict"
          onChange={(master) => set({ master })}
          value={contacts.master}
        />
        <RecordsField contacts={contacts} set={set} />
        <TextInput
          hint="Empty: every contact takes part. New ones get the first."
          label="Only contacts with one of these categories"
          onChange={(text) => set({ categories: text.trim() === '' ? null : words(text) })}
          value={(contacts.categories ?? []).join(', ')}
        />
        <SelectInput
          choices={DELETES}
          label="When one is deleted in the mailbox"
          onChange={(mailbox) => set({ onDelete: { ...onDelete, mailbox } })}
          value={onDelete.mailbox}
        />
        <SelectInput
          choices={DELETES}
          label="When one is deleted in the CRM"
          onChange={(crm) => set({ onDelete: { ...onDelete, crm } })}
          value={onDelete.crm}
        />
      </div>
      <div className="row">
        <Toggle on={create.mailbox} onChange={(mailbox) => set({ create: { ...create, mailbox } })}>
          May be created in the mailbox
        </Toggle>
        <Toggle on={create.crm} onChange={(crm) => set({ create: { ...create, crm } })}>
          May be created in the CRM
        </Toggle>
      </div>
    </Card>
  );
}

const NOTIFY = [
  { id: 'hold', label: 'Hold', hint: 'they wait until the policy is another one' },
  { id: 'ask', label: 'Ask', hint: 'each waits in Review' },
  { id: 'send', label: 'Send', hint: 'as far as the budget reaches' },
  { id: 'crm-only', label: 'Never', hint: 'they are not made' },
] as const;
const PRIVATE = [
  { id: 'skip', label: 'Leave them out' },
  { id: 'busy', label: 'Only when they are' },
  { id: 'full', label: 'Like the others' },
] as const;

const digits = (text: string): number => Number.parseInt(text.replaceAll(/\D/g, '') || '0', 10);

export function EventFields({ draft, onChange }: FieldsProps) {
  const { events } = draft;
  const set = (change: Partial<EventRules>): void => {
    if (events !== null) onChange({ ...draft, events: { ...events, ...change } });
  };
  return (
    <Card
      action={
        <Toggle
          on={events !== null}
          onChange={(on) => onChange({ ...draft, events: on ? DEFAULT_EVENTS : null })}
        >
          Events take part
        </Toggle>
      }
      hint="A change that would make Exchange send mail is counted before it is written. A first sync sends none."
      title="Events"
    >
      {events === null ? (
        <p className="muted">No event of these mailboxes takes part.</p>
      ) : (
        <div className="grid-2">
          <SelectInput
            choices={FLOWS}
            label="Which way they flow"
            onChange={(direction) => set({ direction })}
            value={events.direction}
          />
          <SelectInput
            choices={NOTIFY}
            label="Changes that would send mail"
            onChange={(notify) => set({ notify })}
            value={events.notify}
          />
          <TextInput
            label="Days back"
            onChange={(text) => set({ window: { ...events.window, pastDays: digits(text) } })}
            value={String(events.window.pastDays)}
          />
          <TextInput
            label="Days ahead"
            onChange={(text) => set({ window: { ...events.window, futureDays: digits(text) } })}
            value={String(events.window.futureDays)}
          />
          <TextInput
            hint="Empty: any number."
            label="People who may get mail because of one run"
            onChange={(text) => set({ mailBudget: text.trim() === '' ? null : digits(text) })}
            value={events.mailBudget === null ? '' : String(events.mailBudget)}
          />
          <SelectInput
            choices={PRIVATE}
            label="Private events"
            onChange={(chosen) => set({ private: chosen })}
            value={events.private}
          />
        </div>
      )}
    </Card>
  );
}
