// How far single sign-on is set up with a provider. Pure.
import type { ProviderFactsFragment, SsoStatus } from "../api/generated/graphql.ts";
import type { Tone } from "../design/states.tsx";

export const STEPS = ["addresses", "connect", "trial", "switchOn"] as const;
export type Step = (typeof STEPS)[number];

export const STATUS_TONES: Record<SsoStatus, Tone> = { DRAFT: "wait", TESTED: "accent", ENABLED: "good", DISABLED: "quiet" };

type Told = Pick<ProviderFactsFragment, "status" | "clientId">;

/** What is to be done next; null once it signs people in. */
export function nextOf({ status, clientId }: Told): Step | null {
  switch (status) {
    case "ENABLED":
      return null;
    case "TESTED":
    case "DISABLED":
      return "switchOn";
    case "DRAFT":
      return clientId === "" ? "connect" : "trial";
  }
}

/** The addresses are there to be copied as soon as there is a provider: they are done once it says what it knows us by. */
export function isDone(step: Step, { status, clientId }: Told): boolean {
  switch (step) {
    case "addresses":
    case "connect":
      return clientId !== "";
    case "trial":
      return status !== "DRAFT";
    case "switchOn":
      return status === "ENABLED";
  }
}
