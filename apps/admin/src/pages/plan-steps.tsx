import { useState } from 'react';
import type { PlanStep } from '../api/plans.ts';
import { Button } from '../components/button.tsx';
import { Card } from '../components/card.tsx';
import { Pill } from '../components/tone.tsx';
import { Changes } from '../components/value.tsx';
import { plural } from '../words/figures.ts';
import type { StepGroup } from '../words/plan-steps.ts';
import { fieldName, valueText } from '../words/values.ts';

const reasonOf = ({ match, rule, action, question }: PlanStep): string => {
  if (match !== null) return `${match.score} points: ${match.reasons.join(', ')}`;
  if (question !== null) return question.reasons.join(', ');
  return action === 'freeze' ? '' : rule;
};

function StepRow({ step }: { readonly step: PlanStep }) {
  const { title, mailbox, changes, conflicts, held, emails, withheld } = step;
  return (
    <li className="stack-s">
      <div className="row between">
        <span className="strong break">{title}</span>
        <span className="row">
          {held !== null && <Pill tone="warn">Held</Pill>}
          {emails > 0 && <Pill tone="warn">{plural(emails, 'e-mail')}</Pill>}
          {withheld > 0 && <Pill tone="info">{plural(withheld, 'e-mail withheld', 'e-mails withheld')}</Pill>}
        </span>
      </div>
      <div className="muted small break">
        {reasonOf(step)} · {mailbox}
      </div>
      {changes.length > 0 && <Changes changes={changes} fresh={step.action === 'create'} />}
      {conflicts.map(({ field, kept, lost, rule }) => (
        <div className="small ink-warn" key={field}>
          {`${fieldName(field)}: “${valueText(kept)}” wins over “${valueText(lost)}” (${rule})`}
        </div>
      ))}
    </li>
  );
}

const keyOf = ({ mailbox, action, side, title, mailboxIds, crmIds, changes }: PlanStep): string =>
  [mailbox, action, side, title, ...mailboxIds, ...crmIds, ...changes.map(({ field }) => field)].join(' ');

const FIRST = 20;
const MORE = 200;

interface StepListProps {
  readonly group: StepGroup;
}

export function StepList({ group: { heading, tone, steps } }: StepListProps) {
  const [shown, setShown] = useState(FIRST);
  const rest = steps.length - shown;
  return (
    <Card
      action={<Pill tone={tone}>{plural(steps.length, 'step')}</Pill>}
      flush
      foot={
        rest > 0 && (
          <Button kind="quiet" onPress={() => setShown(shown + MORE)} small>
            {`Show ${plural(Math.min(rest, MORE), 'more', 'more')}`}
          </Button>
        )
      }
      title={heading}
    >
      <ul className="list">
        {steps.slice(0, shown).map((step) => (
          <StepRow key={keyOf(step)} step={step} />
        ))}
      </ul>
    </Card>
  );
}
