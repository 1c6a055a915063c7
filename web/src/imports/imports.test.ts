import { expect, it } from "vitest";
import { choose, fieldOf, headings, lacking, mappingOf } from "./columns.ts";
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

it("reads the headings of a file, whatever stands between them", () => {
  expect(headings("First Name,Last Name\nAda,Lovelace")).toEqual(["First Name", "Last Name"]);
  expect(headings('\ufeff\r\n"Name; full";"E ""mail"""\r\nx;y')).toEqual(["Name; full", 'E "mail"']);
  expect(headings("a\tb\tc")).toEqual(["a", "b", "c"]);
  expect(headings("")).toEqual([""]);
});

it("says what columns mean by heading, or by place where a heading is none", () => {
  const columns = [
    { header: "x", field: "EMAIL" as const },
    { header: "y", field: "" as const },
    { header: "", field: "FAMILY_NAME" as const },
  ];
  expect(mappingOf(columns)).toEqual([
    { column: { header: "x" }, field: "EMAIL" },
    { column: { number: 3 }, field: "FAMILY_NAME" },
  ]);
  expect(lacking(columns)).toEqual([]);
  expect(lacking(choose(columns, 0, ""))).toEqual(["EMAIL"]);
  expect(choose(columns, 1, "EMAIL").map(({ field }) => field)).toEqual(["", "EMAIL", "FAMILY_NAME"]);
  expect([fieldOf("GIVEN_NAME"), fieldOf("externalId"), fieldOf("SHOE"), fieldOf(null)]).toEqual(["GIVEN_NAME", "EXTERNAL_ID", "", ""]);
});
