import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import {
  type Mapping,
  type MappingPreview,
  type MappingRow,
  type Profile,
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
import { changedRows, freshRow, ownFields, rowProblems, rowsToSave } from '../words/mapping-rules.ts';
import { MappingPreviewCard } from './mapping-preview.tsx';
import { MappingRowForm } from './mapping-row.tsx';

interface SaveProps {
  readonly profile: Profile;
  readonly mapping: Mapping;
  readonly rows: readonly MappingRow[];
  /** Undefined: it is not known yet whether the laws hold. */
  readonly preview: MappingPreview | undefined;
}

function SaveBar({ profile, mapping, rows, preview }: SaveProps) {
  const client = useQueryClient();
  const { say } = useToasts();
  const saving = useMutation({
    mutationFn: () =>
      saveMapping(profile.name, rowsToSave(profile, { loaded: mapping.rows, rows }), mapping.version),
    onSuccess: () => {
      say('The fields are saved', 'Refused records get another try; both sides are read completely once.');
      void client.invalidateQueries();
    },
  });
  const broken = preview?.problems ?? [];
  const safe = preview !== undefined && broken.length === 0;
  return (
    <div className="stack">
      {saving.error !== null && <Failure error={saving.error} />}
      {broken.map(({ path, reason, remedy }) => (
        <Notice key={path + reason} title={`${path}: ${reason}`} tone="bad">
          {remedy}
        </Notice>
      ))}
      {safe && (
        <Notice live title="Values survive the round trip." tone="ok">
          Every field was tried: what goes over comes back as it was.
        </Notice>
      )}
      <div className="save-bar">
        <span className="muted">
          {safe ? 'Checked. It can be saved.' : 'A field that loses values is never saved.'}
        </span>
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
  readonly row: MappingRow;
}

const withIds = (rows: readonly MappingRow[]): readonly Row[] => rows.map((row, id) => ({ id, row }));

interface EditorProps {
  readonly profile: Profile;
  readonly mapping: Mapping;
}

function Editor({ profile, mapping }: EditorProps) {
  const [entries, setEntries] = useState(() => withIds(mapping.rows));
  const [preview, setPreview] = useState<MappingPreview>();
  const may = useMay('setup');
  const rows = entries.map(({ row }) => row);
  const changed = changedRows(mapping.rows, rows);
  const problems = rowProblems(rows);
  const own = ownFields(profile);
  const loaded = new Set(mapping.rows.map(({ field }) => field));
  const add = (): void =>
    setEntries([...entries, { id: Math.max(0, ...entries.map(({ id }) => id)) + 1, row: freshRow(rows) }]);
  const put = (id: number, row: MappingRow): void =>
    setEntries(entries.map((entry) => (entry.id === id ? { id, row } : entry)));
  const isOurs = ({ field }: MappingRow): boolean => !loaded.has(field) || own?.has(field) === true;
  const removed =
    mapping.rows.length + changed.filter(({ field }) => !loaded.has(field)).length > rows.length;
  return (
    <div className="split">
      <div className="stack">
        <Card
          action={
            may && (
              <Button icon={Plus} onPress={add} small>
                Add a field
              </Button>
            )
          }
          flush
          foot={plural(rows.length, 'field')}
          hint="Mailbox on the left, CRM on the right."
          title="Contact fields"
        >
          <ul className="list">
            {entries.map(({ id, row }, index) => (
              <MappingRowForm
                disabled={!may}
                key={id}
                mapping={mapping}
                onChange={(next) => put(id, next)}
                onRemove={isOurs(row) ? () => setEntries(entries.filter((entry) => entry.id !== id)) : null}
                problem={problems.get(index) ?? null}
                row={row}
              />
            ))}
          </ul>
        </Card>
        {problems.size > 0 && (
          <Notice title={`${plural(problems.size, 'row')} cannot be saved like this.`} tone="bad">
            Correct what is marked above.
          </Notice>
        )}
        {may && problems.size === 0 && (changed.length > 0 || removed) && (
          <SaveBar mapping={mapping} preview={preview} profile={profile} rows={rows} />
        )}
      </div>
      <MappingPreviewCard
        changed={problems.size > 0 ? [] : changed}
        onPreview={setPreview}
        profile={profile.name}
      />
    </div>
  );
}

export function MappingEditor({ profile }: { readonly profile: Profile }) {
  const { name, crm } = profile;
  const mapping = useQuery({ queryKey: ['mapping', name], queryFn: () => readMapping(name, crm) });
  return (
    <Loaded label="Asking both sides for their fields" lines={14} query={mapping}>
      {(data) => <Editor key={JSON.stringify(data.rows)} mapping={data} profile={profile} />}
    </Loaded>
  );
}
