import { useQuery } from '@tanstack/react-query';
import { Undo2 } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { type Item, readItem, type Sentence } from '../api/items.ts';
import { Button } from '../components/button.tsx';
import { Card, Facts } from '../components/card.tsx';
import { Page } from '../components/page.tsx';
import { Loaded } from '../components/states.tsx';
import { Pill, ToneIcon } from '../components/tone.tsx';
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
          <SideBySide
            label="Both records side by side"
            records={[
              { key: 'a', title: 'Mailbox', fields: item.records.a },
              { key: 'b', title: 'CRM', fields: item.records.b },
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

interface ItemPageProps {
  readonly laneId: string;
  readonly linkId: string;
}

export function ItemPage({ laneId, linkId }: ItemPageProps) {
  const item = useQuery({ queryKey: ['item', laneId, linkId], queryFn: () => readItem(laneId, linkId) });
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
      <Loaded label="Reading both records" query={item}>
        {(data) => <Content item={data} />}
      </Loaded>
      {undoing && <UndoDialog onClose={() => setUndoing(false)} title={title} what={linkId} />}
    </Page>
  );
}
