// What is asked of the ledger of credits, and what is typed of its notices.
import type { CreditEntryFilter, CreditEntryKind } from "../api/generated/graphql.ts";

const MOST_PERCENTS = 5;

export const isDayAsked = (text: string) => /^[12]\d{3}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));

/** From the beginning of the first day to the end of the last one, where the reader is. */
export function filterOf(kind: CreditEntryKind | "", from: string, to: string): CreditEntryFilter {
  const start = isDayAsked(from) ? new Date(`${from}T00:00:00`).toISOString() : null;
  let end: string | null = null;
  if (isDayAsked(to)) {
    const day = new Date(`${to}T00:00:00`);
    day.setDate(day.getDate() + 1);
    end = day.toISOString();
  }
  return { ...(kind ? { kind: [kind] } : {}), ...(start || end ? { occurredAt: { from: start, to: end } } : {}) };
}

/** Percentages separated by whatever stands between them, in order; null for what is none. Nothing is none of them. */
export function percentsOf(text: string): number[] | null {
  const parts = text.split(/[\s,;%、]+/).filter((part) => part !== "");
  const percents = [...new Set(parts.map(Number))].sort((one, other) => one - other);
  const isGood = percents.length <= MOST_PERCENTS && percents.every((one) => Number.isInteger(one) && one >= 1 && one <= 100);
  return isGood ? percents : null;
}
