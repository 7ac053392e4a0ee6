import { useId } from 'react';
import type { Point, Series } from '../api/health.ts';
import { frameOf, gridOf, pathOf, type Scale } from '../words/chart-geometry.ts';
import { dayClock } from '../words/figures.ts';

interface LineChartProps {
  readonly title: string;
  readonly series: readonly Series[];
  readonly say: (value: number) => string;
}

const WIDTH = 520;
const HEIGHT = 180;

function Grid({ scale, say }: { readonly scale: Scale; readonly say: (value: number) => string }) {
  const { left, right } = scale;
  return (
    <g>
      {gridOf(scale).map(({ value, y }) => (
        <g key={value}>
          <line className="gridline" x1={left} x2={right} y1={y} y2={y} />
          <text className="axis" textAnchor="end" x={left - 8} y={y + 4}>
            {say(value)}
          </text>
        </g>
      ))}
      <text className="axis" x={left} y={scale.bottom + 18}>
        {dayClock(scale.from)}
      </text>
      <text className="axis" textAnchor="end" x={right} y={scale.bottom + 18}>
        {dayClock(scale.to)}
      </text>
    </g>
  );
}

function Lines({ series, scale }: { readonly series: readonly Series[]; readonly scale: Scale }) {
  return series.map(({ name, points }, index) => (
    <g className={`series-${index % 4}`} key={name}>
      {series.length === 1 && <path className="area" d={pathOf(points, scale, true)} />}
      <path className="line" d={pathOf(points, scale, false)} />
    </g>
  ));
}

const latest = (points: readonly Point[]): number | null => points.at(-1)?.value ?? null;

/** The figures themselves, for those who read rather than look. */
function Figures({ title, series, say }: LineChartProps) {
  const instants = [...new Set(series.flatMap(({ points }) => points.map(({ at }) => at)))].sort(
    (x, y) => x - y,
  );
  const valueAt = ({ points }: Series, at: number): string => {
    const point = points.find((one) => one.at === at);
    return point === undefined ? '' : say(point.value);
  };
  return (
    <details>
      <summary>Figures</summary>
      <div className="table-scroll chart-figures">
        <table aria-label={title} className="table">
          <thead>
            <tr>
              <th scope="col">Time</th>
              {series.map(({ name }) => (
                <th className="num" key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {instants.map((at) => (
              <tr key={at}>
                <th scope="row">{dayClock(at)}</th>
                {series.map((one) => (
                  <td className="num" key={one.name}>
                    {valueAt(one, at)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

export function LineChart({ title, series, say }: LineChartProps) {
  const id = useId();
  const scale = frameOf(series, { width: WIDTH, height: HEIGHT });
  if (scale === null) return <p className="muted">Nothing was measured yet. It begins with the next run.</p>;
  const now = series.map(({ name, points }) => `${name} ${say(latest(points) ?? 0)}`).join(', ');
  return (
    <figure className="chart">
      <ul className="legend">
        {series.map(({ name, points }, index) => (
          <li className={`series-${index % 4}`} key={name}>
            <span className="swatch" />
            {name}
            <span className="num strong">{say(latest(points) ?? 0)}</span>
          </li>
        ))}
      </ul>
      <svg aria-labelledby={id} role="img" viewBox={`0 0 ${WIDTH} ${HEIGHT}`}>
        <title id={id}>{`${title}. Latest: ${now}`}</title>
        <Grid say={say} scale={scale} />
        <Lines scale={scale} series={series} />
      </svg>
      <Figures say={say} series={series} title={title} />
    </figure>
  );
}
