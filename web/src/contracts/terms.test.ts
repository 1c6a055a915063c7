import { expect, it } from "vitest";
import { isTerm, isWhole, yearFrom } from "./terms.ts";

it("a year ends on the day before it began", () => {
  expect(yearFrom("2026-01-01")).toBe("2026-12-31");
  expect(yearFrom("2026-03-15")).toBe("2027-03-14");
  expect(yearFrom("2027-03-01")).toBe("2028-02-29");
});

it("a term has two days, the first one first, and a number of seats is whole and within its bounds", () => {
  expect(isTerm("2026-01-01", "2026-01-01")).toBe(true);
  expect(isTerm("2026-01-02", "2026-01-01")).toBe(false);
  expect(isTerm("", "2026-01-01")).toBe(false);
  for (const text of ["0", "11", "1.5", "-1", "", "ten"]) expect(isWhole(text, 1, 10), text).toBe(false);
  expect(isWhole("10", 1, 10)).toBe(true);
});
