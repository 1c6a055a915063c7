// Dates, numbers and lists as the language and region write them.
import { currentLocale } from "./language.ts";

const kept = new Map<string, unknown>();

function once<T>(name: string, make: (locale: string) => T): T {
  const key = `${name} ${currentLocale()}`;
  if (!kept.has(key)) kept.set(key, make(currentLocale()));
  return kept.get(key) as T;
}

const day = () => once("day", (locale) => new Intl.DateTimeFormat(locale, { dateStyle: "medium" }));
const moment = () => once("moment", (locale) => new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }));
const whole = () => once("number", (locale) => new Intl.NumberFormat(locale));
const relative = () => once("relative", (locale) => new Intl.RelativeTimeFormat(locale, { numeric: "auto" }));

export const formatNumber = (value: number) => whole().format(value);
export const formatHours = (hours: number) => once("hours", (locale) => new Intl.NumberFormat(locale, { maximumFractionDigits: 1 })).format(hours);
export const formatDay = (iso: string) => day().format(new Date(iso.length === 10 ? `${iso}T00:00:00` : iso));
export const formatMoment = (iso: string) => moment().format(new Date(iso));
export const formatList = (items: string[]) => once("list", (locale) => new Intl.ListFormat(locale, { type: "conjunction" })).format(items);
export const formatPercent = (share: number) => once("percent", (locale) => new Intl.NumberFormat(locale, { style: "percent" })).format(share);

export function formatBytes(bytes: number): string {
  const [unit, value]: [string, number] = bytes < 1024 ? ["byte", bytes] : bytes < 1024 * 1024 ? ["kilobyte", bytes / 1024] : ["megabyte", bytes / 1024 / 1024];
  return once(`bytes ${unit}`, (locale) => new Intl.NumberFormat(locale, { style: "unit", unit, maximumFractionDigits: 1 })).format(value);
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365 * 86_400],
  ["month", 30 * 86_400],
  ["week", 7 * 86_400],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** How long ago, or how far ahead, in the largest unit that says it. */
export function formatAgo(iso: string, now = Date.now()): string {
  const seconds = (Date.parse(iso) - now) / 1000;
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) return relative().format(Math.trunc(seconds / length), unit);
  }
  return relative().format(0, "minute");
}
