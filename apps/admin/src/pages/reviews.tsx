import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { CheckCheck } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { decide, type Question, type Questions, readQuestion, readQuestions } from '../api/reviews.ts';
import { Button } from '../components/button.tsx';
import { Card } from '../components/card.tsx';
import { Confirm } from '../components/dialog.tsx';
import { Moment } from '../components/moment.tsx';
import { Page } from '../components/page.tsx';
import { Empty, Loaded } from '../components/states.tsx';
import { useToasts } from '../components/toast.tsx';
import { Notice, Pill } from '../components/tone.tsx';
import { Breakable, SideBySide, SidePill } from '../components/value.tsx';
import { STATUS_KEY } from '../shell/badges.ts';
import { useMay } from '../shell/session.tsx';
import { plural } from '../words/figures.ts';
import { type Answer, answersOf, groupQuestions, type QuestionGroup } from '../words/questions.ts';
import { SIDE_TITLE } from '../words/values.ts';

const REVIEWS_KEY = ['reviews'] as const;

function useDecide(question: Question, onDone: () => void) {
  const client = useQueryClient();
  const { say, fail } = useToasts();
  return useMutation({
    mutationFn: (answer: Answer) => decide(question.id, answer.id),
    onSuccess: (_, { label, effect }) => {
      say(`Recorded: ${label}`, effect);
      onDone();
      void client.invalidateQueries({ queryKey: REVIEWS_KEY });
      void client.invalidateQueries({ queryKey: STATUS_KEY });
    },
    onError: fail,
  });
}

function Answers({ question }: { readonly question: Question }) {
  const [asked, setAsked] = useState<Answer | null>(null);
  const deciding = useDecide(question, () => setAsked(null));
  const may = useMay('operator');
  const answers = answersOf(question.answers);
  if (question.kind === 'mailbox')
    return <Link href="/mailboxes?show=unmatched">Choose its CRM user under Mailboxes</Link>;
  if (!may) return <p className="muted small">Somebody with the role operator can answer this.</p>;
  return (
    <>
      <div className="question-answers">
        {answers.map((answer) => (
          <Button key={answer.id} onPress={() => setAsked(answer)} small>
            {answer.label}
          </Button>
        ))}
      </div>
      <Confirm
        action={asked?.label ?? ''}
        busy={deciding.isPending}
        kind={asked?.id === 'apply' ? 'danger' : 'primary'}
        onClose={() => setAsked(null)}
        onConfirm={() => {
          if (asked !== null) deciding.mutate(asked);
        }}
        open={asked !== null}
        title={question.question}
      >
        <p>{asked?.effect}</p>
        <p className="muted">{titlesOf(question)}</p>
      </Confirm>
    </>
  );
}

const SAMPLE = 6;

function titlesOf({ records }: Question): string {
  const titles = [...new Set(records.map(({ title, id }) => title ?? `(cannot be read) ${id}`))];
  const rest = titles.length - SAMPLE;
  return titles.slice(0, SAMPLE).join('; ') + (rest > 0 ? `; and ${plural(rest, 'more', 'more')}` : '');
}

function Records({ question }: { readonly question: Question }) {
  const full = useQuery({
    queryKey: ['review', question.id],
    queryFn: () => readQuestion(question.id),
  });
  return (
    <Loaded label="Reading the records" lines={3} query={full}>
      {({ shown, unread }) => (
        <>
          {unread !== null && <Notice tone="warn">{unread}</Notice>}
          <SideBySide
            label="The records side by side"
            records={shown.map(({ side, id, fields }) => ({
              key: `${side} ${id}`,
              title: SIDE_TITLE[side],
              fields: fields ?? null,
            }))}
          />
        </>
      )}
    </Loaded>
  );
}

/** Two records of two names are told apart by their side; many of one kind are a list. */
function Titles({ question }: { readonly question: Question }) {
  const { records, mailbox } = question;
  const names = new Set(records.map(({ title }) => title));
  if (records.length !== 2 || names.size < 2) {
    return (
      <span className="strong">
        <Breakable text={titlesOf(question) || mailbox} />
      </span>
    );
  }
  return (
    <ul className="stack-s">
      {records.map(({ side, id, title }) => (
        <li className="row" key={`${side} ${id}`}>
          <SidePill side={side} />
          <span className="strong">
            <Breakable text={title ?? `(cannot be read) ${id}`} />
          </span>
        </li>
      ))}
    </ul>
  );
}

const COMPARED = new Set(['match', 'duplicate', 'conflict', 'parked', 'unresolved', 'merged']);

function QuestionRow({ question }: { readonly question: Question }) {
  const [open, setOpen] = useState(false);
  const { mailbox, score, reasons, askedAt } = question;
  return (
    <li className="question">
      <div className="row between">
        <Titles question={question} />
        {score !== null && <Pill tone="neutral">{`${score} points`}</Pill>}
      </div>
      <div className="muted">
        {reasons.join(', ')}
        <div className="small break">
          {mailbox}
          {askedAt !== null && (
            <>
              {' · asked '}
              <Moment at={askedAt} />
            </>
          )}
        </div>
      </div>
      {open && <Records question={question} />}
      <div className="row between">
        <Answers question={question} />
        {COMPARED.has(question.kind) && (
          <Button kind="quiet" onPress={() => setOpen(!open)} small>
            {open ? 'Hide the records' : 'Show side by side'}
          </Button>
        )}
      </div>
    </li>
  );
}

const SHOWN = 50;

function Group({ group: { heading, question, questions } }: { readonly group: QuestionGroup }) {
  const answers = answersOf(questions[0]?.answers ?? []).filter(({ effect }) => effect !== '');
  const rest = questions.length - SHOWN;
  return (
    <Card
      action={<Pill tone="warn">{plural(questions.length, 'open', 'open')}</Pill>}
      flush
      foot={
        answers.length > 0 && (
          <ul className="effects">
            {answers.map(({ id, label, effect }) => (
              <li key={id}>
                <span className="strong">{label}</span> – {effect}
              </li>
            ))}
          </ul>
        )
      }
      hint={question}
      title={heading}
    >
      <ul className="list">
        {questions.slice(0, SHOWN).map((one) => (
          <QuestionRow key={one.id} question={one} />
        ))}
        {rest > 0 && <li className="muted">{`${plural(rest, 'more question')} after these.`}</li>}
      </ul>
    </Card>
  );
}

function Content({ questions: { items, total, unread } }: { readonly questions: Questions }) {
  if (items.length === 0) {
    return (
      <div className="card">
        <Empty icon={CheckCheck} title="Nothing to decide">
          Doubtful matches, conflicts and held deletes appear here. None of them is acted on before somebody
          answers.
        </Empty>
      </div>
    );
  }
  const rest = total - items.length;
  return (
    <>
      {unread !== null && <Notice tone="warn">{unread}</Notice>}
      {groupQuestions(items).map((group) => (
        <Group group={group} key={group.heading} />
      ))}
      {rest > 0 && (
        <p className="muted">{`${plural(rest, 'more question')} after these: answer some, and they appear.`}</p>
      )}
    </>
  );
}

export function ReviewsPage() {
  const questions = useQuery({ queryKey: REVIEWS_KEY, queryFn: readQuestions, refetchInterval: 15_000 });
  return (
    <Page about="What only a person can decide. Everything else goes on meanwhile." title="Review">
      <Loaded label="Reading the questions" query={questions}>
        {(data) => <Content questions={data} />}
      </Loaded>
    </Page>
  );
}
