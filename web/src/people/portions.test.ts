import { expect, it } from "vitest";
import type { Trouble } from "../api/trouble.ts";
import { asCsv, inPortions, run, tally, type Apply, type PersonOutcome, type Progress } from "./portions.ts";
import type { Person } from "./selection.ts";

const people = (count: number): Person[] => Array.from({ length: count }, (_, place) => ({ id: `u${place}`, displayName: `P ${place}`, email: `p${place}@b.example`, status: "ACTIVE" }));

// eslint-disable-next-line @typescript-eslint/require-await -- as a list of the API comes
async function* pages(...all: Person[][]) {
  yield* all;
}

const applied: Apply = (portion) => Promise.resolve({ data: { results: portion.map((_, index) => ({ index, status: "APPLIED", errors: [] })), refusals: [] }, trouble: null });
const watch = (total: number, size: number, isStopped = () => false) => {
  const told: Progress[] = [];
  return { told, settings: { total, size, tell: (progress: Progress) => told.push(progress), isStopped } };
};

it("does everybody once, in portions as large as the API takes", async () => {
  const sizes: number[] = [];
  const { settings, told } = watch(230, 50);
  const end = await run(pages(people(100), people(100), people(30)), (portion) => (sizes.push(portion.length), applied(portion)), settings);
  expect(sizes).toEqual([50, 50, 50, 50, 30]);
  expect(end).toMatchObject({ done: 230, isOver: true, trouble: null });
  expect(tally(end.outcomes)).toEqual({ APPLIED: 230, UNCHANGED: 0, FAILED: 0 });
  expect(told.map(({ done }) => done)).toEqual([50, 100, 150, 200, 230, 230]);
});

it("keeps what was done when the connection breaks, and says so", async () => {
  const trouble: Trouble = { kind: "offline", code: "OFFLINE", message: "", requestId: null, retryAfter: null, permission: null };
  let calls = 0;
  const { settings } = watch(100, 50);
  const end = await run(pages(people(100)), (portion) => (++calls === 2 ? Promise.resolve({ data: null, trouble }) : applied(portion)), settings);
  expect(end).toMatchObject({ done: 50, isOver: true, trouble });
  expect(end.outcomes).toHaveLength(50);
});

it("stops between two portions", async () => {
  let calls = 0;
  const { settings } = watch(100, 10, () => calls >= 3);
  const end = await run(pages(people(100)), (portion) => ((calls += 1), applied(portion)), settings);
  expect(end).toMatchObject({ done: 30, isOver: true });
});

it("counts those of a refused portion as failed, with the reason", async () => {
  const refusal = { code: "TOO_MANY_ITEMS", message: "too many" };
  const { settings } = watch(2, 10);
  const end = await run(pages(people(2)), () => Promise.resolve({ data: { results: [], refusals: [refusal] }, trouble: null }), settings);
  expect(tally(end.outcomes).FAILED).toBe(2);
  expect(end.outcomes[0]?.errors).toEqual([refusal]);
});

it("writes a file in which no cell is a formula", () => {
  const outcome: PersonOutcome = { person: { id: "u0", email: "p0@b.example", status: "ACTIVE", displayName: '=1+1 "x"' }, outcome: "FAILED", errors: [] };
  expect(asCsv([outcome], ["Name"], () => "no seat")).toBe('"Name"\r\n"\'=1+1 ""x""","p0@b.example","FAILED","no seat"');
});

it("cuts a list without losing anybody", () => {
  expect(inPortions([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
  expect(inPortions([], 2)).toEqual([]);
});
