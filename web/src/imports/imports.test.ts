import { expect, it } from "vitest";
import { isUnderWay, stageOf } from "./phases.ts";
import { asFile, sha256 } from "./upload.ts";

it("says what an import is doing", () => {
  const stage = (status: Parameters<typeof stageOf>[0]["status"], phase: string, mode: "DRY_RUN" | "APPLY" = "DRY_RUN") => stageOf({ status, mode, progress: { phase } });
  expect(stage("RUNNING", "VALIDATING")).toBe("checking");
  expect(stage("AWAITING_CONFIRMATION", "DONE")).toBe("waiting");
  expect(stage("RUNNING", "APPLYING")).toBe("applying");
  expect(stage("RUNNING", "PARSING", "APPLY")).toBe("applying");
  expect(stage("SUCCEEDED_WITH_ERRORS", "DONE")).toBe("doneWithErrors");
  expect(isUnderWay("checking")).toBe(true);
  expect(isUnderWay("waiting")).toBe(false);
});

it("hashes what it sends as the API asks for it", async () => {
  expect(await sha256(new TextEncoder().encode("abc"))).toBe("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
  expect(asFile("a,b").name).toBe("pasted.csv");
});
