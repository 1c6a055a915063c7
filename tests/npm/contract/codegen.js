// graphql-codegen with its client preset, as a TypeScript app would have it: node codegen.js [schema]
import { codegen } from "@graphql-codegen/core";
import { preset } from "@graphql-codegen/client-preset";
import { buildSchema, parse } from "graphql";
import { documents, operations, scalars, schemaText } from "./files.js";

const files = await preset.buildGeneratesSection({
  baseOutputDir: "generated/",
  schema: parse(schemaText),
  schemaAst: buildSchema(schemaText),
  documents: documents(operations).map(({ name, text }) => ({ location: `${name}.graphql`, document: parse(text), rawSDL: text })),
  // An unknown scalar is an error, not `any`.
  config: { scalars, strictScalars: true },
  presetConfig: {},
  plugins: [],
  pluginMap: {},
  pluginContext: {},
  profiler: { run: (work) => work(), collect: () => [] },
});
const written = await Promise.all(files.map(async (file) => [file.filename, await codegen(file)]));
const types = written.find(([name]) => name.endsWith("graphql.ts"))?.[1] ?? "";
for (const name of ["UsersPageQuery", "ProductPageQuery", "ImportProgressSubscription", "ChangesAssignMutation"]) {
  if (!types.includes(`export const ${name}Document =`)) {
    console.error(`no type was made for ${name} in ${written.map(([file]) => file)}`);
    process.exit(1);
  }
}
console.log(`${written.length} files`);
