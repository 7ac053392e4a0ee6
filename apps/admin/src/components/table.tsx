import type { ReactNode } from 'react';
import { CheckMark } from './choice.tsx';

export interface Column<Row> {
  readonly key: string;
  readonly title: string;
  readonly cell: (row: Row) => ReactNode;
  /** Figures stand right, with digits of one width. */
  readonly numeric?: boolean;
  /** Names the row. */
  readonly heading?: boolean;
}

export interface Picking {
  readonly picked: ReadonlySet<string>;
  readonly onPick: (picked: ReadonlySet<string>) => void;
  readonly nameOf: (key: string) => string;
}

interface TableProps<Row> {
  /** Read out as the table's name. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly picking?: Picking;
  readonly empty?: ReactNode;
}

const classOf = ({ numeric, title }: Pick<Column<never>, 'numeric' | 'title'>): string | undefined =>
  numeric === true ? 'num' : title === '' ? 'acts' : undefined;

function Cell<Row>({ column, row }: { readonly column: Column<Row>; readonly row: Row }) {
  const value = column.cell(row);
  if (column.heading === true) return <th scope="row">{value}</th>;
  return (
    <td className={classOf(column)} data-label={column.title || undefined}>
      {value}
    </td>
  );
}

const toggled = (picked: ReadonlySet<string>, key: string): ReadonlySet<string> => {
  const next = new Set(picked);
  if (!next.delete(key)) next.add(key);
  return next;
};

interface HeadProps {
  readonly keys: readonly string[];
  readonly picking: Picking;
}

function PickAll({ keys, picking: { picked, onPick } }: HeadProps) {
  const here = keys.filter((key) => picked.has(key)).length;
  const all = here === keys.length && keys.length > 0;
  return (
    <th className="pick" scope="col">
      <CheckMark
        checked={all}
        disabled={keys.length === 0}
        label="All rows of this list"
        onChange={() => onPick(all ? new Set() : new Set(keys))}
        some={here > 0 && !all}
      />
    </th>
  );
}

/** A table of the document, which becomes a list of cards on a phone. */
export function Table<Row>({ label, columns, rows, keyOf, picking, empty }: TableProps<Row>) {
  if (rows.length === 0 && empty !== undefined) return empty;
  return (
    <div className="table-scroll">
      <table aria-label={label} className="table cards">
        <thead>
          <tr>
            {picking && <PickAll keys={rows.map(keyOf)} picking={picking} />}
            {columns.map(({ key, title, numeric }) => (
              <th className={numeric === true ? 'num' : undefined} key={key} scope="col">
                {title === '' ? <span className="sr-only">Actions</span> : title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const id = keyOf(row);
            const isPicked = picking?.picked.has(id) === true;
            return (
              <tr className={isPicked ? 'picked' : undefined} key={id}>
                {picking && (
                  <td className="pick">
                    <CheckMark
                      checked={isPicked}
                      label={`Choose ${picking.nameOf(id)}`}
                      onChange={() => picking.onPick(toggled(picking.picked, id))}
                    />
                  </td>
                )}
                {columns.map((column) => (
                  <Cell column={column} key={column.key} row={row} />
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
