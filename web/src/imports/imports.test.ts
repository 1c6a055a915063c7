import { expect, it } from "vitest";
import { asCsv, choose, fieldOf, headings, lacking, mappingOf } from "./columns.ts";
import { isUnderWay, stageOf } from "./phases.ts";
import { planOf } from "./start.ts";
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

it("asks of a file what it is for, and no more", () => {
  const columns = [{ header: "x", field: "EMAIL" as const }];
  expect(lacking(columns, "USERS")).toEqual(["FAMILY_NAME"]);
  expect(lacking(columns, "ASSIGNMENTS")).toEqual([]);
  expect(lacking([], "UNASSIGNMENTS")).toEqual(["EMAIL"]);
});

it("writes corrected rows so that every cell is read as it was written", () => {
  expect(asCsv([["a", "b"], ['x "y"', "1,2\n3"]])).toBe('"a","b"\r\n"x ""y""","1,2\n3"');
});

it("knows after a reload what an import was asked to do", () => {
  const sources = [{ product: { id: "p" }, subscription: null, components: [{ id: "c" }] }, { product: { id: "q" }, subscription: { id: "s" }, components: [] }];
  expect(planOf({ id: "i", kind: "ASSIGNMENTS", sources, preview: { mailCount: 0 } })).toEqual({
    kind: "ASSIGNMENTS",
    sources: [{ productId: "p" }, { subscriptionId: "s" }],
    componentIds: ["c"],
    whenFull: "REFUSE",
    expiresOn: null,
    sendsInvitations: false,
  });
  expect(planOf({ id: "i", kind: "USERS", sources: [], preview: null })).toMatchObject({ sources: null, componentIds: null, sendsInvitations: true });
});
