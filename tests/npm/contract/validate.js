// The reference implementation builds the schema, and every operation that is written down anywhere is one of it: node validate.js [schema]
import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { buildSchema, parse, validate, validateSchema } from "graphql";
import { documents, operations, root, schemaText } from "./files.js";

const schema = buildSchema(schemaText);
const faults = validateSchema(schema).map(({ message }) => `the schema: ${message}`);

/** Operations in a page: blocks fenced as graphql, and what a shell block gives jq as a query. */
function inPage(path) {
  const text = readFileSync(path, "utf8");
  const fenced = [...text.matchAll(/^```graphql\n(.*?)^```/gms)].map(([, block]) => block);
  const sent = [...text.matchAll(/\bquery: "((?:[^"\\]|\\.)*)"/g)].map(([, quoted]) => quoted.replaceAll('\\"', '"'));
  return [...fenced, ...sent].map((text) => ({ name: relative(root, path), text }));
}

const docs = readdirSync(join(root, "docs"), { recursive: true }).filter((name) => name.endsWith(".md"));
const readme = inPage(join(root, "README.md"));
if (readme.length === 0) {
  faults.push("README.md: no operation was found, though its first session sends some");
}
const all = [...documents(operations), ...readme, ...docs.flatMap((name) => inPage(join(root, "docs", name)))];
for (const { name, text } of all) {
  try {
    faults.push(...validate(schema, parse(text)).map(({ message }) => `${name}: ${message}`));
  } catch (error) {
    faults.push(`${name}: ${error.message}\n${text}`);
  }
}
faults.forEach((fault) => console.error(fault));
console.log(`${all.length} documents, ${faults.length} faults`);
process.exit(faults.length === 0 ? 0 : 1);
