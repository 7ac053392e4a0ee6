import { ArrowRight } from 'lucide-react';
import type { Change, Fields, FieldValue, Side } from '../api/records.ts';
import { fieldName, isBlank, SIDE_TITLE, valueText } from '../words/values.ts';

/** A line may end after an at sign, rather than in the middle of a name. */
export function Breakable({ text }: { readonly text: string }) {
  const at = text.indexOf('@') + 1;
  return (
    <span className="break">
      {text.slice(0, at)}
      {at > 0 && <wbr />}
      {text.slice(at)}
    </span>
  );
}

export function Value({ value }: { readonly value: FieldValue }) {
  if (isBlank(value)) return <span className="blank">blank</span>;
  return <Breakable text={valueText(value)} />;
}

/** `old → new` */
export function Step({ from, to }: { readonly from: FieldValue; readonly to: FieldValue }) {
  return (
    <span className="step-values">
      {isBlank(from) ? (
        <span className="blank">blank</span>
      ) : (
        <span className="value-old break">{valueText(from)}</span>
      )}
      <ArrowRight aria-label="becomes" role="img" size={13} />
      {isBlank(to) ? (
        <span className="blank">blank</span>
      ) : (
        <span className="value-new break">{valueText(to)}</span>
      )}
    </span>
  );
}

interface ChangesProps {
  readonly changes: readonly Change[];
  /** The record is new: its values are shown, and not that there were none. */
  readonly fresh?: boolean;
}

export function Changes({ changes, fresh = false }: ChangesProps) {
  return (
    <ul className="changes">
      {changes.map((change) => (
        <li key={change.field}>
          <span className="muted">{fieldName(change.field)}</span>
          {fresh ? <Value value={change.new} /> : <Step from={change.old} to={change.new} />}
          {!fresh && change.rule !== undefined && <span className="muted small">{change.rule}</span>}
        </li>
      ))}
    </ul>
  );
}

export function SidePill({ side }: { readonly side: Side }) {
  return <span className={`pill tone-${side === 'mailbox' ? 'info' : 'violet'}`}>{SIDE_TITLE[side]}</span>;
}

export interface Shown {
  readonly key: string;
  readonly title: string;
  /** Null: it cannot be read now, or is not there. */
  readonly fields: Fields | null;
}

interface SideBySideProps {
  readonly records: readonly Shown[];
  readonly label: string;
}

const rowOf = (name: string, records: readonly Shown[]) => {
  const cells = records.map(({ key, fields }) => ({ key, value: fields?.[name] ?? null }));
  const same = new Set(cells.map(({ value }) => valueText(value))).size === 1;
  return { name, cells, differs: !same && records.every(({ fields }) => fields !== null) };
};

/** One row a field, one column a record; what differs is marked with a word, too. */
export function SideBySide({ records, label }: SideBySideProps) {
  const names = [...new Set(records.flatMap(({ fields }) => Object.keys(fields ?? {})))];
  const rows = names
    .map((name) => rowOf(name, records))
    .filter(({ cells }) => !cells.every(({ value }) => isBlank(value)));
  return (
    <div className="table-scroll">
      <table aria-label={label} className="table side-by-side">
        <thead>
          <tr>
            <th scope="col">Field</th>
            {records.map(({ key, title, fields }) => (
              <th key={key} scope="col">
                {title}
                {fields === null && <span className="muted"> (cannot be read now, or is gone)</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, cells, differs }) => (
            <tr className={differs ? 'differs' : undefined} key={name}>
              <th scope="row">
                {fieldName(name)}
                {differs && <span className="differs-word">differs</span>}
              </th>
              {cells.map(({ key, value }) => (
                <td key={key}>
                  <Value value={value} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
