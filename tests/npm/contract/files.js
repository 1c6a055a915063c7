// What the checks of the contract read.
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
/** The folder that holds everything. */
export const root = join(here, "../../..");
/** The operations every client understands, and those with directives of Relay's own. */
export const operations = join(here, "../operations");

/** The schema under test: the first argument, or what is committed. */
export const schemaFile = process.argv[2] ?? join(root, "schema.graphql");
export const schemaText = readFileSync(schemaFile, "utf8");

/** Documents of a folder, not of those below it: `{ name, text }`. */
export function documents(folder) {
  const names = readdirSync(folder).filter((name) => name.endsWith(".graphql"));
  return names.map((name) => ({ name: name.replace(/\.graphql$/, ""), text: readFileSync(join(folder, name), "utf8") }));
}

/** Custom scalars as a client's types name them. Any other scalar is an error for both compilers. */
export const scalars = { DateTime: "string", Date: "string", Decimal: "string" };
