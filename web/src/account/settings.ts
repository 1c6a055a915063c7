// What an account can set. One more setting is one more line here, its field in account.graphql, and its two texts.
import type { AccountFactsFragment, UpdateAccountInput } from "../api/generated/graphql.ts";
import { characters } from "../language/letters.ts";
import type { Key } from "../language/language.ts";

/** As it is and as it is sent; null for "not at all". */
type Value = string | number | null | readonly string[];
type Changes = Omit<UpdateAccountInput, "expectedVersion">;
export type SettingName = keyof Changes;
export type Values = Pick<AccountFactsFragment, "name"> & AccountFactsFragment["settings"];

interface Common {
  name: SettingName;
  label: Key;
  help: Key;
  /** Said before it is saved, where it takes something away. */
  harm?: { advice: Key; if: (before: Value, after: Value) => boolean };
}

export interface NumberSetting extends Common {
  kind: "number";
  least: number;
  most: number;
  /** What is written where it may be left empty: the API's own value for "not at all". */
  none?: number;
}

export type Setting = NumberSetting | (Common & { kind: "text" | "domains"; most: number; wrong: Key }) | (Common & { kind: "language" });

const isLess = (before: Value, after: Value) => typeof before === "number" && typeof after === "number" && after < before;

export const SETTINGS: Setting[] = [
  { kind: "text", name: "name", label: "account.name", help: "account.nameHelp", most: 100, wrong: "account.nameWrong" },
  { kind: "language", name: "defaultLocale", label: "account.locale", help: "account.localeHelp" },
  { kind: "domains", name: "allowedInviteDomains", label: "account.domains", help: "account.domainsHelp", most: 100, wrong: "account.domainsWrong", harm: { advice: "account.domainsHarm", if: isNarrower } },
  { kind: "number", name: "invitationLifetimeDays", label: "account.lifetimeDays", help: "account.lifetimeHelp", least: 1, most: 365 },
  { kind: "number", name: "graceDays", label: "account.grace", help: "account.graceHelp", least: 0, most: 90, harm: { advice: "account.graceHarm", if: isLess } },
  { kind: "number", name: "seatNoticePercent", label: "account.seatNotice", help: "account.seatNoticeHelp", least: 1, most: 100 },
  { kind: "number", name: "reclaimIdleDays", label: "account.reclaim", help: "account.reclaimHelp", least: 14, most: 3_650, none: 0, harm: { advice: "account.reclaimHarm", if: (before, after) => after !== null && (before === null || isLess(before, after)) } },
  { kind: "number", name: "auditKeptDays", label: "account.auditKept", help: "account.auditKeptHelp", least: 90, most: 3_650, harm: { advice: "account.auditKeptHarm", if: isLess } },
];

/** Whether somebody who might be invited before may not be after. */
function isNarrower(before: Value, after: Value): boolean {
  const [allowed, kept] = [listOf(before), listOf(after)];
  return kept.length > 0 && (allowed.length === 0 || allowed.some((domain) => !kept.includes(domain)));
}

const listOf = (value: Value): readonly string[] => (Array.isArray(value) ? (value as string[]) : []);

export type Typed = Record<string, string>;

const write = (value: Value | undefined): string => (value === null || value === undefined ? "" : Array.isArray(value) ? value.join("\n") : String(value));

export const typedOf = (values: Values): Typed => Object.fromEntries(SETTINGS.map(({ name }) => [name, write(values[name])]));

/** What was typed, as a value. */
function read({ kind }: Setting, text: string): Value {
  switch (kind) {
    case "number":
      return text.trim() === "" ? null : Number(text);
    case "domains":
      return [...new Set(text.split(/[\s,;]+/).map((domain) => domain.replace(/^@/, "").toLowerCase()))].filter((domain) => domain !== "");
    default:
      return text.trim();
  }
}

export function isWrong(setting: Setting, text: string): boolean {
  const value = read(setting, text);
  switch (setting.kind) {
    case "number":
      if (value === null) return setting.none === undefined;
      return !Number.isInteger(value) || Number(value) < setting.least || Number(value) > setting.most;
    case "domains": {
      const domains = listOf(value);
      return domains.length > setting.most || domains.some((domain) => !domain.includes(".") || /[@/]/.test(domain));
    }
    case "text":
      return value === "" || characters(String(value)).length > setting.most;
    case "language":
      return value === "";
  }
}

/** What is to be sent, and what has to be said before. */
export function changesOf(values: Values, typed: Typed): { input: Changes; harms: Key[] } {
  const changed: [SettingName, Value][] = [];
  const harms: Key[] = [];
  for (const setting of SETTINGS) {
    const { name, harm } = setting;
    const before = values[name] ?? null;
    const after = read(setting, typed[name] ?? "");
    if (write(after) === write(before)) continue;
    changed.push([name, after ?? (setting.kind === "number" ? (setting.none ?? 0) : null)]);
    if (harm?.if(before, after)) harms.push(harm.advice);
  }
  return { input: Object.fromEntries(changed), harms };
}
