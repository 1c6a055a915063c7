// relay-compiler, as a Relay app would have it: node relay.js [schema]
//
// It takes documents from source files only, and wants each named after the file it stands in; so a folder of such files is made for it.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "graphql";
import compiler from "relay-compiler";
import { documents, operations, scalars, schemaText } from "./files.js";

const folder = mkdtempSync(join(tmpdir(), "muster-relay-"));
const all = [...documents(operations), ...documents(join(operations, "relay"))];
try {
  const made = join(folder, "made");
  mkdirSync(join(folder, "src"));
  mkdirSync(made);
  writeFileSync(join(folder, "schema.graphql"), schemaText);
  for (const { name, text } of all) {
    const tagged = parse(text).definitions.map(({ loc }) => `graphql\`${text.slice(loc.start, loc.end)}\`;`);
    writeFileSync(join(folder, "src", `${name}.js`), tagged.join("\n"));
  }
  const settings = {
    src: "./src",
    schema: "./schema.graphql",
    language: "typescript",
    artifactDirectory: "./made",
    requireCustomScalarTypes: true,
    customScalarTypes: scalars,
  };
  writeFileSync(join(folder, "relay.config.json"), JSON.stringify(settings));
  const ran = spawnSync(compiler, ["relay.config.json", "--noWatchman", "--output", "quiet-with-errors"], { cwd: folder, encoding: "utf8" });
  if (ran.status !== 0) {
    console.error(`${ran.stdout}${ran.stderr}`);
    process.exitCode = 1;
  }
  const artifacts = readdirSync(made);
  if (!artifacts.includes("PeopleListPaginationQuery.graphql.ts")) {
    console.error(`no query was made that loads more; made were: ${artifacts}`);
    process.exitCode = 1;
  }
  console.log(`${artifacts.length} artifacts`);
} finally {
  rmSync(folder, { recursive: true });
}
