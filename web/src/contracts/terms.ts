// Days and numbers of contracts, as the API bounds them.

export const MONTHS = { least: 1, most: 120 };
export const SEATS = { least: 1, most: 1_000_000 };

const DAY = /^\d{4}-\d\d-\d\d$/;

export const isDay = (text: string) => DAY.test(text);
export const isTerm = (from: string, to: string) => isDay(from) && isDay(to) && from <= to;

export const isWhole = (text: string, least: number, most: number) => /^\d+$/.test(text.trim()) && Number(text) >= least && Number(text) <= most;

/** The last day of the year that begins on this one. */
export function yearFrom(day: string): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(Date.UTC(year + 1, month - 1, date - 1)).toISOString().slice(0, 10);
}
