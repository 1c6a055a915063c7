import { expect, it } from "vitest";
import { oneOf, readOrder } from "./address.ts";

it("reads the order out of the address, and takes the usual one for what is none", () => {
  const usual = { field: "NAME" as const, isDescending: false };
  const read = (text: string) => readOrder(new URLSearchParams(text), ["NAME", "DAY"] as const, usual);
  expect(read("")).toEqual(usual);
  expect(read("order=DAY")).toEqual({ field: "DAY", isDescending: false });
  expect(read("order=-DAY")).toEqual({ field: "DAY", isDescending: true });
  expect(read("order=-SHOE")).toEqual(usual);
  expect([oneOf("DAY", ["NAME", "DAY"]), oneOf("SHOE", ["NAME"]), oneOf(null, ["NAME"])]).toEqual(["DAY", "", ""]);
});
