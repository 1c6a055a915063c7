import { expect, it } from "vitest";
import { filterOf, percentsOf } from "./credits.ts";

it("percentages are read in any form, and what is none is refused", () => {
  expect(percentsOf("100, 50 %;90")).toEqual([50, 90, 100]);
  expect(percentsOf(" ")).toEqual([]);
  for (const text of ["0", "101", "1.5", "ten", "1 2 3 4 5 6"]) expect(percentsOf(text), text).toBeNull();
});

it("a period ends with its last day", () => {
  expect(filterOf("", "", "")).toEqual({});
  const { kind, occurredAt } = filterOf("GRANT", "2026-01-01", "2026-01-01");
  expect(kind).toEqual(["GRANT"]);
  expect(Date.parse(occurredAt?.to ?? "") - Date.parse(occurredAt?.from ?? "")).toBe(86_400_000);
  expect(filterOf("", "0002-01-01", "nonsense")).toEqual({});
});
