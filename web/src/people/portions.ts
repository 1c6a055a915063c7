// A change for many people, in portions as large as the API takes, one after the other: what is done stays done, and each person has an outcome.
import type { Changed, Refusal } from "../api/change.ts";
import type { Trouble } from "../api/trouble.ts";
import type { Person } from "./selection.ts";

export type Outcome = "APPLIED" | "UNCHANGED" | "FAILED";

export interface PersonOutcome {
  person: Person;
  outcome: Outcome;
  errors: readonly Refusal[];
}

export interface Progress {
  total: number;
  done: number;
  outcomes: PersonOutcome[];
  /** What ended it before everybody had their turn. */
  trouble: Trouble | null;
  /** What refused a portion as a whole. */
  refusals: readonly Refusal[];
  isOver: boolean;
}

export interface Answer {
  results: { index: number; status: Outcome; errors: readonly Refusal[] }[];
  refusals: readonly Refusal[];
}

/** People by the hundred, as far as they are known. */
export type Source = AsyncIterable<readonly Person[]>;
export type Apply = (people: readonly Person[]) => Promise<Changed<Answer>>;

export const inPortions = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, place) => items.slice(place * size, (place + 1) * size));

export async function run(
  source: Source,
  apply: Apply,
  { total, size, tell, isStopped }: { total: number; size: number; tell: (progress: Progress) => void; isStopped: () => boolean },
): Promise<Progress> {
  let progress: Progress = { total, done: 0, outcomes: [], trouble: null, refusals: [], isOver: false };
  const say = (change: Partial<Progress>) => {
    progress = { ...progress, ...change };
    tell(progress);
  };
  for await (const people of source) {
    for (const portion of inPortions(people, size)) {
      if (isStopped()) {
        say({ isOver: true });
        return progress;
      }
      const { data, trouble } = await apply(portion);
      if (trouble) {
        say({ trouble, isOver: true });
        return progress;
      }
      const outcomes = portion.map((person, index): PersonOutcome => {
        const result = data.results.find((one) => one.index === index);
        if (result) return { person, outcome: result.status, errors: result.errors };
        return { person, outcome: "FAILED", errors: data.refusals };
      });
      say({ done: progress.done + portion.length, outcomes: [...progress.outcomes, ...outcomes], refusals: data.results.length === 0 ? data.refusals : progress.refusals });
    }
  }
  say({ isOver: true });
  return progress;
}

export function tally(outcomes: readonly PersonOutcome[]): Record<Outcome, number> {
  const counts = { APPLIED: 0, UNCHANGED: 0, FAILED: 0 };
  for (const { outcome } of outcomes) counts[outcome] += 1;
  return counts;
}

/** Outcomes as a file that a spreadsheet opens. A cell that would be a formula there is made a text. */
export function asCsv(outcomes: readonly PersonOutcome[], header: readonly string[], say: (outcome: PersonOutcome) => string): string {
  const cell = (text: string) => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
  const rows = outcomes.map((one) => [one.person.displayName, one.person.email, one.outcome, say(one)]);
  return [header, ...rows].map((row) => row.map(cell).join(",")).join("\r\n");
}
