/** So many are decided about at once; those behind them are the next ones. */
const MOST = 100;

export const portionOf = <Row,>(rows: readonly Row[]): Row[] => rows.slice(0, MOST);
