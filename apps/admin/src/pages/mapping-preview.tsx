import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useEffect, useState } from 'react';
import { searchItems } from '../api/items.ts';
import {
  type MappingPreview,
  type MappingRow,
  type PairIds,
  type PreviewedField,
  previewMapping,
} from '../api/profiles.ts';
import { Card } from '../components/card.tsx';
import { SearchInput } from '../components/field.tsx';
import { Failure, Loaded } from '../components/states.tsx';
import { Pill } from '../components/tone.tsx';
import { Value } from '../components/value.tsx';
import { useMay } from '../shell/session.tsx';
import { fieldName } from '../words/values.ts';

interface SideValueProps {
  readonly side: string;
  readonly shown: PreviewedField['mailbox'];
  /** What this side would show were the other's value taken. */
  readonly would: PreviewedField['mailbox'];
  readonly lost: boolean;
}

function SideValue({ side, shown, would, lost }: SideValueProps) {
  return (
    <span>
      <span className="sr-only">{side}: </span>
      {shown === null ? <span className="muted">not read</span> : <Value value={shown.value} />}
      {lost && <Pill tone="warn">cannot hold it</Pill>}
      {would !== null && JSON.stringify(would) !== JSON.stringify(shown) && (
        <span className="muted small preview-would">
          from the other side: <Value value={would.value} />
        </span>
      )}
    </span>
  );
}

function Row({ row }: { readonly row: PreviewedField }) {
  return (
    <div>
      <dt className="muted small">{fieldName(row.field)}</dt>
      <dd className="preview-values">
        <SideValue
          lost={row.lost.includes('mailbox')}
          shown={row.mailbox}
          side="Mailbox"
          would={row.crmInMailbox}
        />
        <SideValue lost={row.lost.includes('crm')} shown={row.crm} side="CRM" would={row.mailboxInCrm} />
      </dd>
    </div>
  );
}

function Shown({ preview }: { readonly preview: MappingPreview }) {
  return (
    <div className="stack-s">
      <div className="preview-values muted small">
        <span>Mailbox</span>
        <span>CRM</span>
      </div>
      <dl className="stack-s">
        {preview.fields.map((row) => (
          <Row key={row.field} row={row} />
        ))}
      </dl>
    </div>
  );
}

interface PreviewCardProps {
  readonly profile: string;
  /** Rows that are not saved yet. */
  readonly changed: readonly MappingRow[];
  readonly onPreview: (preview: MappingPreview | undefined) => void;
}

/** The record that somebody looks for: some pair where nobody does. */
function useRecord(text: string) {
  return useQuery({
    queryKey: ['preview-record', text],
    queryFn: async (): Promise<{ readonly title: string; readonly ids: PairIds }> => {
      const { items } = await searchItems(text);
      const [first] = items;
      if (first === undefined) throw new Error(`nothing is called ${text}`);
      return { title: first.title, ids: { mailboxId: first.mailboxId, crmId: first.crmId } };
    },
    enabled: text !== '',
    retry: false,
  });
}

/** What these fields would do to a real record; nothing is written. */
export function MappingPreviewCard({ profile, changed, onPreview }: PreviewCardProps) {
  const [text, setText] = useState('');
  const [asked, setAsked] = useState('');
  const may = useMay('operator');
  const calm = useDeferredValue(changed);
  const record = useRecord(asked);
  const ids = asked === '' ? null : (record.data?.ids ?? null);
  const preview = useQuery({
    queryKey: ['preview', profile, ids, calm],
    queryFn: () => previewMapping(profile, calm, ids),
    placeholderData: (before) => before,
    enabled: may && (asked === '' || ids !== null),
  });
  const { data, isPlaceholderData } = preview;
  useEffect(() => onPreview(isPlaceholderData ? undefined : data), [data, isPlaceholderData, onPreview]);
  if (!may) return <Card hint="Somebody with the role operator can try it on a record." title="Preview" />;
  const hint = record.data === undefined || asked === '' ? 'On a pair that is in step' : record.data.title;
  return (
    <Card hint={`${hint}. Nothing is written.`} title="Preview">
      <SearchInput label="Another record, then Enter" onChange={setText} onSubmit={setAsked} value={text} />
      {record.error !== null && asked !== '' && <Failure error={record.error} />}
      <Loaded label="Reading the record" lines={8} query={preview}>
        {(found) => <Shown preview={found} />}
      </Loaded>
    </Card>
  );
}
