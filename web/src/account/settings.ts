// What an account can set. One more setting is one more line here, its field in account.graphql, and its two texts.
import type { AccountFactsFragment, UpdateAccountInput } from "../api/generated/graphql.ts";
import type { Key } from "../language/language.ts";

type Settings = AccountFactsFragment["settings"];

export interface Setting {
  name: keyof UpdateAccountInput & keyof Settings;
  label: Key;
  help: Key;
  least: number;
  most: number;
  /** What is written where it may be left empty: the API's own value for "not at all". */
  none?: number;
  /** Said before it is saved, where it takes something away. */
  harm?: { advice: Key; if: (before: number | null, after: number | null) => boolean };
}

export const SETTINGS: Setting[] = [
  { name: "seatNoticePercent", label: "account.seatNotice", help: "account.seatNoticeHelp", least: 1, most: 100 },
  { name: "reclaimIdleDays", label: "account.reclaim", help: "account.reclaimHelp", least: 14, most: 3_650, none: 0, harm: { advice: "account.reclaimHarm", if: (before, after) => after !== null && (before === null || after < before) } },
  { name: "auditKeptDays", label: "account.auditKept", help: "account.auditKeptHelp", least: 90, most: 3_650, harm: { advice: "account.auditKeptHarm", if: (before, after) => before !== null && after !== null && after < before } },
];

export type Typed = Record<string, string>;

export const typedOf = (settings: Settings): Typed => Object.fromEntries(SETTINGS.map(({ name }) => [name, settings[name] === null || settings[name] === undefined ? "" : String(settings[name])]));

const numberOf = (text: string): number | null => (text.trim() === "" ? null : Number(text));

export function isWrong({ least, most, none }: Setting, text: string): boolean {
  const value = numberOf(text);
  if (value === null) return none === undefined;
  return !Number.isInteger(value) || value < least || value > most;
}

/** What is to be sent, and what has to be said before. */
export function changesOf(settings: Settings, typed: Typed): { input: Partial<Record<Setting["name"], number>>; harms: Key[] } {
  const input: Partial<Record<Setting["name"], number>> = {};
  const harms: Key[] = [];
  for (const { name, none, harm } of SETTINGS) {
    const before = settings[name] ?? null;
    const after = numberOf(typed[name] ?? "");
    if (after === before) continue;
    input[name] = after ?? none ?? 0;
    if (harm?.if(before, after)) harms.push(harm.advice);
  }
  return { input, harms };
}
