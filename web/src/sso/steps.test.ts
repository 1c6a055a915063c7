import { expect, it } from "vitest";
import { isDone, nextOf, STEPS } from "./steps.ts";

const done = (told: Parameters<typeof nextOf>[0]) => STEPS.filter((step) => isDone(step, told));

it("a provider is known, connected, tried out and switched on, in this order", () => {
  const draft = { status: "DRAFT", clientId: "" } as const;
  expect([nextOf(draft), done(draft)]).toEqual(["connect", []]);
  const connected = { status: "DRAFT", clientId: "muster" } as const;
  expect([nextOf(connected), done(connected)]).toEqual(["trial", ["addresses", "connect"]]);
  const tested = { status: "TESTED", clientId: "muster" } as const;
  expect([nextOf(tested), done(tested)]).toEqual(["switchOn", ["addresses", "connect", "trial"]]);
  const enabled = { status: "ENABLED", clientId: "muster" } as const;
  expect([nextOf(enabled), done(enabled)]).toEqual([null, [...STEPS]]);
  expect(nextOf({ status: "DISABLED", clientId: "muster" })).toBe("switchOn");
});
