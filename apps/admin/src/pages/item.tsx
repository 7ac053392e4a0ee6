import { useQuery } from '@tanstack/react-query';
import { Undo2 } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { type Item, readItem, type Sentence } from '../api/items.ts';
import type { Fields, Side } from '../api/records.ts';
import { Button } from '../components/button.tsx';
import { Card, Facts } from '../components/card.tsx';
import { Page } from '../components/page.tsx';
import { Loaded } from '../components/states.tsx';
import { Notice, Pill, ToneIcon } from '../components/tone.tsx';
import { Breakable, SideBySide } from '../components/value.tsx';
import { useMay } from '../shell/session.tsx';
import { itemState, sentenceTone } from '../words/item-state.ts';
import { fieldName } from '../words/values.ts';
import { Timeline } from './timeline.tsx';
import { UndoDialog } from './undo-dialog.tsx';

function SentenceRow({ sentence }: { readonly sentence: Sentence }) {
  return (
    <li className="sentence">
      <ToneIcon tone={sentenceTone(sentence)} />
      <div>
        {sentence.text} {sentence.decide !== null && <Link href="/reviews">Answer it under Review</Link>}
      </div>
    </li>
  );
}

function Why({ item }: { readonly item: Item }) {
  const fields = item.fields.filter(({ sentences }) => sentences.length > 0);
  return (
    <Card title="Why it is like this">
      <ul className="stack-s">
        {item.sentences.map((sentence) => (
          <SentenceRow key={sentence.code + sentence.text} sentence={sentence} />
        ))}
      </ul>
      {fields.length > 0 && (
        <details>
          <summary>Field by field</summary>
          <dl className="stack-s field-why">
            {fields.map(({ field, sentences }) => (
              <div key={field}>
                <dt className="strong">{fieldName(field)}</dt>
                <dd>
                  <ul className="stack-s">
                    {sentences.map((sentence) => (
                      <SentenceRow key={sentence.code + sentence.text} sentence={sentence} />
                    ))}
                  </ul>
                </dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </Card>
  );
}

/** What one side shows; null: it was not read, or there is none. */
function sideOf(item: Item, side: Side): Fields | null {
  const values = item.fields.flatMap((row) => {
    const shown = row[side];
    return shown === null ? [] : [[row.field, shown.value] as const];
  });
  return values.length === 0 ? null : Object.fromEntries(values);
}

function Content({ item }: { readonly item: Item }) {
  const { tone, word } = itemState(item.status);
  const facts = [
    { label: 'State', value: <Pill tone={tone}>{word}</Pill> },
    { label: 'Mailbox', value: <Breakable text={item.mailbox} /> },
    {
      label: 'Id in the mailbox',
      value: item.mailboxId === null ? '–' : <span className="mono">{item.mailboxId}</span>,
    },
    { label: 'Id in the CRM', value: item.crmId === null ? '–' : <span className="mono">{item.crmId}</span> },
  ];
  return (
    <div className="split">
      <div className="stack">
        <Card flush hint="Read from both sides at this moment" title="Both records">
          {item.unread !== null && (
            <div className="card-body">
              <Notice tone="warn">{item.unread}</Notice>
            </div>
          )}
          <SideBySide
            label="Both records side by side"
            records={[
              { key: 'mailbox', title: 'Mailbox', fields: sideOf(item, 'mailbox') },
              { key: 'crm', title: 'CRM', fields: sideOf(item, 'crm') },
            ]}
          />
        </Card>
        <Card hint="Latest first" title="History">
          <Timeline entries={item.history} />
        </Card>
      </div>
      <div className="stack">
        <Card title="The pair">
          <Facts facts={facts} />
        </Card>
        <Why item={item} />
      </div>
    </div>
  );
}

export function ItemPage({ id }: { readonly id: string }) {
  const item = useQuery({ queryKey: ['item', id], queryFn: () => readItem(id) });
  const [undoing, setUndoing] = useState(false);
  const may = useMay('operator');
  const title = item.data?.title ?? 'Record';
  const canUndo = may && (item.data?.history.length ?? 0) > 0;
  return (
    <Page
      about={<Link href="/items">Find another record</Link>}
      actions={
        canUndo && (
          <Button icon={Undo2} onPress={() => setUndoing(true)}>
            Undo its changes
          </Button>
        )
      }
      title={title}
    >
      <Loaded label="Reading both records" lines={12} query={item}>
        {(data) => <Content item={data} />}
      </Loaded>
      {undoing && <UndoDialog onClose={() => setUndoing(false)} title={title} what={id} />}
    </Page>
  );
}
