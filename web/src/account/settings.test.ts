import { expect, it } from "vitest";
import { changesOf, isWrong, SETTINGS, typedOf } from "./settings.ts";

const settings = { name: "Example Ltd", allowedInviteDomains: [], invitationLifetimeDays: 90, graceDays: 30, seatNoticePercent: 90, auditKeptDays: 400, reclaimIdleDays: null, defaultLocale: "en" };

it("what is as it was is not sent, and what was emptied is sent as the API says it", () => {
  const typed = typedOf(settings);
  expect(changesOf(settings, typed)).toEqual({ input: {}, harms: [] });
  expect(changesOf(settings, { ...typed, seatNoticePercent: "80" })).toEqual({ input: { seatNoticePercent: 80 }, harms: [] });
  expect(changesOf(settings, { ...typed, name: " Example plc ", allowedInviteDomains: "@Example.com, example.org\nexample.com" }).input).toEqual({ name: "Example plc", allowedInviteDomains: ["example.com", "example.org"] });
  expect(changesOf({ ...settings, reclaimIdleDays: 90 }, { ...typed, reclaimIdleDays: "" })).toEqual({ input: { reclaimIdleDays: 0 }, harms: [] });
});

it("what takes something away is said before", () => {
  const typed = typedOf(settings);
  expect(changesOf(settings, { ...typed, auditKeptDays: "100" }).harms).toEqual(["account.auditKeptHarm"]);
  expect(changesOf(settings, { ...typed, auditKeptDays: "500" }).harms).toEqual([]);
  expect(changesOf(settings, { ...typed, graceDays: "0" }).harms).toEqual(["account.graceHarm"]);
  expect(changesOf(settings, { ...typed, allowedInviteDomains: "example.com" }).harms).toEqual(["account.domainsHarm"]);
  expect(changesOf({ ...settings, allowedInviteDomains: ["example.com"] }, { ...typed, allowedInviteDomains: "example.com example.org" }).harms).toEqual([]);
  expect(changesOf({ ...settings, allowedInviteDomains: ["example.com"] }, { ...typed, allowedInviteDomains: "" }).harms).toEqual([]);
  expect(changesOf(settings, { ...typed, reclaimIdleDays: "30" }).harms).toEqual(["account.reclaimHarm"]);
});

it("a value beyond its bounds is wrong, and an empty one where there must be one", () => {
  for (const setting of SETTINGS) {
    if (setting.kind !== "number") continue;
    expect(isWrong(setting, String(setting.least)), setting.name).toBe(false);
    expect(isWrong(setting, String(setting.most)), setting.name).toBe(false);
    for (const text of [String(setting.least - 1), String(setting.most + 1), "1.5", "many"]) expect(isWrong(setting, text), `${setting.name} ${text}`).toBe(true);
    expect(isWrong(setting, ""), setting.name).toBe(setting.none === undefined);
  }
});

it("a text that is no name, no list of domains or no language is wrong", () => {
  const wrong = (name: string, text: string) => SETTINGS.some((setting) => setting.name === name && isWrong(setting, text));
  expect(wrong("name", "  ")).toBe(true);
  expect(wrong("name", "x".repeat(101))).toBe(true);
  expect(wrong("name", "x".repeat(100))).toBe(false);
  expect(wrong("defaultLocale", "")).toBe(true);
  expect(wrong("allowedInviteDomains", "")).toBe(false);
  for (const text of ["example", "ada@example.com", "https://example.com", Array.from({ length: 101 }, (_, place) => `d${place}.example`).join(" ")]) expect(wrong("allowedInviteDomains", text), text).toBe(true);
});
