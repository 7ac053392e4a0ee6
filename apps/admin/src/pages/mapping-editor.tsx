import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import {
  checkMapping,
  type FieldRule,
  type Mapping,
  type MappingDraft,
  readMapping,
  saveMapping,
} from '../api/profiles.ts';
import { Button } from '../components/button.tsx';
import { Card } from '../components/card.tsx';
import { Failure, Loaded } from '../components/states.tsx';
import { useToasts } from '../components/toast.tsx';
import { Notice } from '../components/tone.tsx';
import { useMay } from '../shell/session.tsx';
import { plural } from '../words/figures.ts';
import { freshRule, ruleProblems, safeToSave } from '../words/mapping-rules.ts';
import { MappingPreviewCard } from './mapping-preview.tsx';
import { MappingRow } from './mapping-row.tsx';

function LawNotice({ draft, onSaved }: { readonly draft: MappingDraft; readonly onSaved: () => void }) {
  const { say } = useToasts();
  const checking = useMutation({ mutationFn: () => checkMapping(draft) });
  const saving = useMutation({
    mutationFn: () => saveMapping(draft),
    onSuccess: () => {
      say('The fields are saved', 'Refused records get another try; both sides are read completely once.');
      onSaved();
    },
  });
  const broken = (checking.data?.laws ?? []).filter(({ ok }) => !ok);
  const findings = checking.data?.findings ?? [];
  const safe = checking.data !== undefined && safeToSave(checking.data);
  return (
    <div className="stack">
      {checking.error !== null && <Failure error={checking.error} />}
      {saving.error !== null && <Failure error={saving.error} />}
      {findings.map(({ code, severity, text, remedy }) => (
        <Notice key={code + text} title={text} tone={severity === 'block' ? 'bad' : severity}>
          {remedy}
        </Notice>
      ))}
      {broken.map(({ field, text, remedy }) => (
        <Notice key={field + text} title={`${field}: ${text}`} tone="bad">
          {remedy}
        </Notice>
      ))}
      {safe && (
        <Notice live title="Values survive the round trip." tone="ok">
          {plural(checking.data?.laws.length ?? 0, 'law')} tried with values of every kind: what goes over
          comes back as it was.
        </Notice>
      )}
      <div className="save-bar">
        <span className="muted">
          {safe ? 'Checked. It can be saved.' : 'Check first: a field that loses values is never saved.'}
        </span>
        <Button busy={checking.isPending} onPress={() => checking.mutate()}>
          Check
        </Button>
        <Button busy={saving.isPending} disabled={!safe} kind="primary" onPress={() => saving.mutate()}>
          Save
        </Button>
      </div>
    </div>
  );
}

interface Row {
  /** Stays with the row when others come and go. */
  readonly id: number;
  readonly rule: FieldRule;
}

const rowsOf = (rules: readonly FieldRule[]): readonly Row[] => rules.map((rule, id) => ({ id, rule }));

function Editor({ mapping }: { readonly mapping: Mapping }) {
  const [rows, setRows] = useState(() => rowsOf(mapping.rules));
  const rules = rows.map(({ rule }) => rule);
  const client = useQueryClient();
  const may = useMay('setup');
  const { profile, kind } = mapping;
  const draft: MappingDraft = { profile, kind, rules };
  const changed = JSON.stringify(rules) !== JSON.stringify(mapping.rules);
  const problems = ruleProblems(rules);
  const put = (id: number, rule: FieldRule): void =>
    setRows(rows.map((row) => (row.id === id ? { id, rule } : row)));
  return (
    <div className="split">
      <div className="stack">
        <Card
          action={
            may && (
              <Button
                icon={Plus}
                onPress={() =>
                  setRows([
                    ...rows,
                    { id: Math.max(0, ...rows.map(({ id }) => id)) + 1, rule: freshRule(rules) },
                  ])
                }
                small
              >
                Add a field
              </Button>
            )
          }
          flush
          foot={plural(rules.length, 'field')}
          hint="Mailbox on the left, CRM on the right."
          title={kind === 'contact' ? 'Contact fields' : 'Event fields'}
        >
          <ul className="list">
            {rows.map(({ id, rule }, index) => (
              <MappingRow
                disabled={!may}
                key={id}
                mapping={mapping}
                onChange={(next) => put(id, next)}
                onRemove={() => setRows(rows.filter((row) => row.id !== id))}
                problem={problems.get(index) ?? null}
                rule={rule}
              />
            ))}
          </ul>
        </Card>
        {may && changed && problems.size === 0 && (
          <LawNotice
            draft={draft}
            key={JSON.stringify(rules)}
            onSaved={() => void client.invalidateQueries({ queryKey: ['mapping'] })}
          />
        )}
        {problems.size > 0 && (
          <Notice title={`${plural(problems.size, 'row')} cannot be saved like this.`} tone="bad">
            Correct what is marked above.
          </Notice>
        )}
      </div>
      <MappingPreviewCard draft={draft} />
    </div>
  );
}

interface MappingEditorProps {
  readonly profile: string;
  readonly kind: Mapping['kind'];
}

export function MappingEditor({ profile, kind }: MappingEditorProps) {
  const mapping = useQuery({
    queryKey: ['mapping', profile, kind],
    queryFn: () => readMapping(profile, kind),
  });
  return (
    <Loaded label="Asking both sides for their fields" lines={10} query={mapping}>
      {(data) => <Editor key={JSON.stringify(data.rules)} mapping={data} />}
    </Loaded>
  );
}
