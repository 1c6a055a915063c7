import { expect, it } from "vitest";
import { dayAfter, endOf, stateOf } from "./terms.ts";

const now = new Date(2026, 10, 28, 12, 0, 0);

it("a token ends so many days from now, or with the end of a day", () => {
  const days = (iso: string | null) => (Date.parse(iso ?? "") - now.getTime()) / 86_400_000;
  expect(days(endOf("30", "", now))).toBeCloseTo(30, 2);
  expect(days(endOf("365", "", now))).toBeLessThan(365);
  expect(endOf("day", "2026-12-24", now)).toBe(new Date(2026, 11, 24, 23, 59, 59).toISOString());
  for (const day of ["", "2026", "2026-11-27"]) expect(endOf("day", day, now)).toBeNull();
  expect(dayAfter(4, now)).toBe("2026-12-02");
});

it("a token is dead when it was revoked, when its time is over, and when its maker is gone", () => {
  const token = { expiresAt: "2027-01-01T00:00:00Z", createdBy: { status: "ACTIVE" } };
  expect(stateOf(token, now.getTime())).toBe("good");
  expect(stateOf({ ...token, revokedAt: "2026-11-01T00:00:00Z" }, now.getTime())).toBe("revoked");
  expect(stateOf({ ...token, expiresAt: "2026-11-01T00:00:00Z" }, now.getTime())).toBe("expired");
  expect(stateOf({ ...token, createdBy: { status: "DISABLED" } }, now.getTime())).toBe("orphaned");
  expect(stateOf({ ...token, createdBy: null }, now.getTime())).toBe("orphaned");
});
