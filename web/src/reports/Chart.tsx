import { useText } from "../language/language.ts";

export interface Series {
  name: string;
  /** One value for each label. */
  values: number[];
}

interface ChartProps {
  title: string;
  labels: string[];
  series: Series[];
  format: (value: number) => string;
  /** What the labels are of: day, week, month. */
  unit: string;
}

const WIDTH = 800;
const HEIGHT = 240;
const LEFT = 56;
const BOTTOM = 24;
const TOP = 12;
/** More lines than these are told apart by nobody. */
export const LINES = 6;

/** The next larger number of which a quarter is a round one. */
function ceiling(value: number): number {
  let magnitude = 1;
  while (100 * magnitude < value) magnitude *= 10;
  return ([4, 8, 12, 16, 20, 24, 32, 40, 60, 80, 100].find((step) => step * magnitude >= value) ?? 100) * magnitude;
}

/** Lines over time, and the same as a table: what the lines show by sight stands there to be read. */
export function Chart({ title, labels, series, format, unit }: ChartProps) {
  const t = useText();
  const top = ceiling(Math.max(0, ...series.flatMap(({ values }) => values)));
  const x = (place: number) => LEFT + (labels.length < 2 ? (WIDTH - LEFT) / 2 : (place * (WIDTH - LEFT - 12)) / (labels.length - 1));
  const y = (value: number) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top);
  const marks = [0, 0.25, 0.5, 0.75, 1].map((share) => share * top);
  const step = Math.max(1, Math.ceil(labels.length / 7));
  const said = series.map(({ name, values }) => t("reports.said", { name, first: format(values[0] ?? 0), last: format(values.at(-1) ?? 0), most: format(Math.max(0, ...values)) })).join(" ");
  return (
    <figure className="chart">
      <svg viewBox={`0 0 ${String(WIDTH)} ${String(HEIGHT)}`} role="img" aria-label={`${title}. ${said}`}>
        {marks.map((mark) => (
          <g key={mark}>
            <line className="chart-rule" x1={LEFT} x2={WIDTH} y1={y(mark)} y2={y(mark)} />
            <text className="chart-text" x={LEFT - 8} y={y(mark) + 4} textAnchor="end">
              {format(mark)}
            </text>
          </g>
        ))}
        {labels.map((label, place) =>
          place % step === 0 ? (
            <text key={label} className="chart-text" x={x(place)} y={HEIGHT - 4} textAnchor={place === 0 ? "start" : place + step >= labels.length ? "end" : "middle"}>
              {label}
            </text>
          ) : null,
        )}
        {series.map(({ name, values }, line) => (
          <g key={name} className={`chart-line chart-line-${String(line + 1)}`}>
            <polyline points={values.map((value, place) => `${String(x(place))},${String(y(value))}`).join(" ")} />
            {values.map((value, place) => (
              <circle key={place} cx={x(place)} cy={y(value)} r={labels.length > 60 ? 0 : 3} />
            ))}
          </g>
        ))}
      </svg>
      <figcaption>
        <ul className="chart-legend">
          {series.map(({ name }, line) => (
            <li key={name}>
              <svg viewBox="0 0 28 8" width="28" height="8" aria-hidden="true" className={`chart-line chart-line-${String(line + 1)}`}>
                <polyline points="0,4 28,4" />
              </svg>
              {name}
            </li>
          ))}
        </ul>
      </figcaption>
      <details>
        <summary>{t("reports.asTable")}</summary>
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, and the keyboard must be able to */}
        <div className="scroll-x chart-table" tabIndex={0} role="region" aria-label={title}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{unit}</th>
                {series.map(({ name }) => (
                  <th key={name} scope="col" className="number">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {labels.map((label, place) => (
                <tr key={label}>
                  <th scope="row">{label}</th>
                  {series.map(({ name, values }) => (
                    <td key={name} className="number">
                      {format(values[place] ?? 0)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}
