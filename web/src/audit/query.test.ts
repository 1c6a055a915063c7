import { expect, it } from "vitest";
import { filterOf, isAddress, narrowed, NO_QUERY, readQuery, writeQuery } from "./query.ts";

it("an address says the same after it was read, and what makes no sense is left out", () => {
  const text = "?action=users.invite&kind=USER&outcome=DENIED&actor=usr_1&target=usr_2&ip=10.0.0.1&from=2026-11-01&to=2026-11-02";
  expect(writeQuery(readQuery(new URLSearchParams(text)))).toBe(text);
  expect(narrowed(readQuery(new URLSearchParams(text)))).toBe(8);
  expect(readQuery(new URLSearchParams("kind=ROBOT&outcome=MAYBE&from=yesterday&to=2026"))).toEqual(NO_QUERY);
  expect(writeQuery(NO_QUERY)).toBe("");
});

it("days are those of the calendar here, the last one included", () => {
  const { occurredAt } = filterOf({ ...NO_QUERY, from: "2026-11-01", to: "2026-11-01" });
  expect(occurredAt).toEqual({ from: new Date(2026, 10, 1).toISOString(), to: new Date(2026, 10, 2).toISOString() });
  expect(filterOf({ ...NO_QUERY, to: "2026-12-31" }).occurredAt).toEqual({ from: null, to: new Date(2027, 0, 1).toISOString() });
});

it("an address of a network is asked for once it is one", () => {
  for (const text of ["10.0.0.1", "::1", "2001:db8::7", "::ffff:10.0.0.1"]) expect(isAddress(text), text).toBe(true);
  for (const text of ["", "10.0", "10.0.0.", "home", "1.2.3.4.5"]) expect(isAddress(text), text).toBe(false);
  expect(filterOf({ ...NO_QUERY, ip: "10.0" })).toEqual({});
});
