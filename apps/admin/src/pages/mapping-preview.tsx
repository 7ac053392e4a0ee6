import { useQuery } from '@tanstack/react-query';
import { UserSearch } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { type MappingDraft, type PreviewRow, previewMapping } from '../api/profiles.ts';
import { Card } from '../components/card.tsx';
import { SearchInput } from '../components/field.tsx';
import { Empty, Loaded } from '../components/states.tsx';
import { Step, Value } from '../components/value.tsx';
import { fieldName, valueText } from '../words/values.ts';

function Outcome({ now, after }: { readonly now: unknown; readonly after: unknown }) {
  return valueText(now) === valueText(after) ? <Value value={now} /> : <Step from={now} to={after} />;
}

function Row({ row }: { readonly row: PreviewRow }) {
  return (
    <div>
      <dt className="muted small">{fieldName(row.field)}</dt>
      <dd className="preview-values">
        <span>
          <span className="sr-only">Mailbox: </span>
          <Outcome after={row.mailboxAfter} now={row.mailbox} />
        </span>
        <span>
          <span className="sr-only">CRM: </span>
          <Outcome after={row.crmAfter} now={row.crm} />
        </span>
      </dd>
    </div>
  );
}

function Shown({ draft, record }: { readonly draft: MappingDraft; readonly record: string }) {
  const calm = useDeferredValue(draft);
  const preview = useQuery({
    queryKey: ['preview', record, calm],
    queryFn: () => previewMapping(calm, record),
    placeholderData: (before) => before,
  });
  return (
    <Loaded label="Reading the record" lines={5} query={preview}>
      {({ title, rows }) => (
        <div className="stack-s">
          <span className="strong">{title}</span>
          <div className="preview-values muted small">
            <span>Mailbox</span>
            <span>CRM</span>
          </div>
          <dl className="stack-s">
            {rows.map((row) => (
              <Row key={row.field} row={row} />
            ))}
          </dl>
        </div>
      )}
    </Loaded>
  );
}

/** What these fields would do to a real record; nothing is written. */
export function MappingPreviewCard({ draft }: { readonly draft: MappingDraft }) {
  const [text, setText] = useState('');
  const [record, setRecord] = useState('');
  return (
    <Card hint="On a real record. Nothing is written." title="Preview">
      <SearchInput
        label="E-mail address or name, then Enter"
        onChange={setText}
        onSubmit={setRecord}
        value={text}
      />
      {record === '' ? (
        <Empty icon={UserSearch} title="Choose a record">
          What each side shows now, and what it would show with these fields.
        </Empty>
      ) : (
        <Shown draft={draft} record={record} />
      )}
    </Card>
  );
}
