import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import en from "../language/messages/en.json";
import { SUBJECTS } from "./words.ts";

const page = readFileSync(new URL("../../../docs/audit.md", import.meta.url), "utf8");
const actions = [...page.matchAll(/^\| `([a-z_]+\.[a-z_]+)` \|/gm)].map(([, action]) => action ?? "");

it("every action of the log has words, and whatever people look for stands under a word of the filter", () => {
  expect(actions.length).toBeGreaterThan(60);
  expect(actions.filter((action) => !(`did.${action}` in en))).toEqual([]);
  // What the operator does, and files that are announced, are found among everything.
  const words = new Set(actions.map((action) => action.split(".")[0]));
  expect([...words].filter((word) => !SUBJECTS.some((known) => known === word)).sort()).toEqual(["mails", "secrets", "uploads"]);
});
