// The days a report is of, as the address has them. Pure.
import type { UsageGranularity, UsagePeriodInput } from "../api/generated/graphql.ts";

export type Preset = "30" | "90" | "365" | "own";
export const PRESETS: Preset[] = ["30", "90", "365", "own"];
export const GRANULARITIES: UsageGranularity[] = ["DAY", "WEEK", "MONTH"];
/** What the server takes at most. */
export const LONGEST = 400;
const DAY = 86_400_000;

const isDay = (text: string | null): text is string => text !== null && /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10);

export const lengthOf = ({ from, to }: UsagePeriodInput) => Math.round((Date.parse(to) - Date.parse(from)) / DAY) + 1;

/** So many days that end today, both ends in it. */
export const lastDays = (count: number, now: number): UsagePeriodInput => ({ from: dayOf(now - (count - 1) * DAY), to: dayOf(now) });

export interface Asked {
  preset: Preset;
  period: UsagePeriodInput;
  by: UsageGranularity;
}

export function readPeriod(params: URLSearchParams, now: number): Asked {
  const named = params.get("days");
  const [from, to] = [params.get("from"), params.get("to")];
  const own = isDay(from) && isDay(to) ? { from, to } : null;
  const preset = own ? "own" : (PRESETS.find((one) => one === named && one !== "own") ?? "90");
  const period = own ?? lastDays(Number(preset), now);
  const usual: UsageGranularity = lengthOf(period) <= 31 ? "DAY" : lengthOf(period) <= 120 ? "WEEK" : "MONTH";
  return { preset, period, by: GRANULARITIES.find((one) => one === params.get("by")) ?? usual };
}

export const isAskable = (period: UsagePeriodInput) => lengthOf(period) >= 1 && lengthOf(period) <= LONGEST;

/** The days that the points of a series begin on; the first is the first of the period, whatever interval it is in. */
export function startsOf({ from, to }: UsagePeriodInput, by: UsageGranularity): string[] {
  const starts: string[] = [];
  for (let day = from; day <= to; ) {
    starts.push(day);
    const date = new Date(`${day}T00:00:00Z`);
    if (by === "MONTH") date.setUTCMonth(date.getUTCMonth() + 1, 1);
    // Weeks begin on Monday.
    else date.setUTCDate(date.getUTCDate() + (by === "WEEK" ? 7 - ((date.getUTCDay() + 6) % 7) : 1));
    day = date.toISOString().slice(0, 10);
  }
  return starts;
}
