// What an import is doing, in the words of somebody who waits for it. Pure.
import type { ImportProgressFragment, ImportRowOutcome } from "../api/generated/graphql.ts";
import type { Tone } from "../design/states.tsx";

export type ImportStage = "checking" | "waiting" | "applying" | "done" | "doneWithErrors" | "failed" | "cancelled" | "undone";

export function stageOf({ status, mode, progress }: Pick<ImportProgressFragment, "status" | "mode"> & { progress: { phase: string } }): ImportStage {
  switch (status) {
    case "AWAITING_CONFIRMATION":
      return "waiting";
    case "SUCCEEDED":
      return "done";
    case "SUCCEEDED_WITH_ERRORS":
      return "doneWithErrors";
    case "FAILED":
      return "failed";
    case "CANCELLED":
      return "cancelled";
    case "UNDONE":
      return "undone";
    case "QUEUED":
    case "RUNNING":
    case "CANCELLING":
      return mode === "DRY_RUN" && ["WAITING", "DOWNLOADING", "PARSING", "VALIDATING"].includes(progress.phase) ? "checking" : "applying";
  }
}

export const isUnderWay = (stage: ImportStage) => stage === "checking" || stage === "applying";

export const STAGE_TONES: Record<ImportStage, Tone> = {
  checking: "accent",
  waiting: "wait",
  applying: "accent",
  done: "good",
  doneWithErrors: "wait",
  failed: "bad",
  cancelled: "quiet",
  undone: "quiet",
};

const OUTCOME_TONES: Partial<Record<string, Tone>> = {
  INVITED: "good",
  ASSIGNED: "good",
  INVITED_AND_ASSIGNED: "good",
  REINVITED: "good",
  UNASSIGNED: "good",
  UNCHANGED: "quiet",
  DUPLICATE: "quiet",
  FAILED: "bad",
  NOT_PROCESSED: "quiet",
};

export const toneOf = (outcome: ImportRowOutcome): Tone => OUTCOME_TONES[outcome] ?? "accent";
