import { expect, it } from "vitest";
import { isAskable, lengthOf, readPeriod, startsOf } from "./period.ts";

const NOW = Date.parse("2026-11-28T10:00:00Z");
const read = (text: string) => readPeriod(new URLSearchParams(text), NOW);

it("reads the period out of the address, and what is none as ninety days", () => {
  expect(read("")).toEqual({ preset: "90", period: { from: "2026-08-31", to: "2026-11-28" }, by: "WEEK" });
  expect(read("days=30").by).toBe("DAY");
  expect(read("days=31").preset).toBe("90");
  expect(read("days=365&by=WEEK")).toMatchObject({ preset: "365", by: "WEEK" });
  expect(read("from=2026-01-01&to=2026-01-31")).toEqual({ preset: "own", period: { from: "2026-01-01", to: "2026-01-31" }, by: "DAY" });
  expect(read("from=soon&to=2026-01-31").preset).toBe("90");
});

it("counts both ends, and knows what the server takes", () => {
  expect(lengthOf({ from: "2026-11-28", to: "2026-11-28" })).toBe(1);
  expect(isAskable({ from: "2026-11-28", to: "2026-11-27" })).toBe(false);
  expect(isAskable({ from: "2025-01-01", to: "2026-02-04" })).toBe(true);
  expect(isAskable({ from: "2025-01-01", to: "2026-02-05" })).toBe(false);
});

it("has a point for each interval, the first of which may be in the middle of one", () => {
  expect(startsOf({ from: "2026-11-26", to: "2026-12-07" }, "WEEK")).toEqual(["2026-11-26", "2026-11-30", "2026-12-07"]);
  expect(startsOf({ from: "2026-11-26", to: "2027-01-01" }, "MONTH")).toEqual(["2026-11-26", "2026-12-01", "2027-01-01"]);
  expect(startsOf({ from: "2026-02-27", to: "2026-03-01" }, "DAY")).toEqual(["2026-02-27", "2026-02-28", "2026-03-01"]);
});
