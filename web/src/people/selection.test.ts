import { expect, it } from "vitest";
import { boxState, count, EVERYBODY, isSelected, NOBODY, set, toggle, type Person } from "./selection.ts";

const person = (id: string): Person => ({ id, displayName: id, email: `${id}@b.example`, status: "ACTIVE" });

it("picks people by name", () => {
  const one = toggle(NOBODY, person("a"));
  expect(isSelected(one, "a")).toBe(true);
  expect(isSelected(one, "b")).toBe(false);
  expect(count(one, 10)).toBe(1);
  expect(boxState(one, 10)).toBe("some");
  expect(count(toggle(one, person("a")), 10)).toBe(0);
});

it("leaves some out of all who match", () => {
  const most = set(EVERYBODY, [person("a"), person("b")], false);
  expect(count(most, 50_000)).toBe(49_998);
  expect(isSelected(most, "a")).toBe(false);
  expect(isSelected(most, "c")).toBe(true);
  expect(boxState(most, 50_000)).toBe("some");
  expect(boxState(set(most, [person("a"), person("b")], true), 50_000)).toBe("on");
});

it("means nobody when nobody matches", () => {
  expect(boxState(EVERYBODY, 0)).toBe("off");
});
