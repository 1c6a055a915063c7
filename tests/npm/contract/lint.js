// graphql-eslint's recommended rules for schemas, and those of Relay's specifications: node lint.js [schema]
import graphql from "@graphql-eslint/eslint-plugin";
import { ESLint } from "eslint";
import { buildSchema, isObjectType } from "graphql";
import { schemaText } from "./files.js";

// What is found again by its id has exactly one; a count, a page or an answer is not found again.
const isFound = (type) => type.getInterfaces().some(({ name }) => name === "Node");
// What a page may list all the same: a row of a report is nothing outside it.
const listedOnly = ["UsageRow"];
const lines = schemaText.split("\n");
const isMeant = ({ ruleId, line }) =>
  ruleId === "@graphql-eslint/relay-edge-types" && listedOnly.some((name) => lines[line - 1] === `type ${name}Edge {`);
const objects = Object.values(buildSchema(schemaText).getTypeMap()).filter(isObjectType);
const withoutId = objects.filter((type) => !isFound(type)).map(({ name }) => name);

const eslint = new ESLint({
  overrideConfigFile: true,
  overrideConfig: [
    {
      files: ["**/*.graphql"],
      plugins: { "@graphql-eslint": graphql },
      languageOptions: {
        parser: graphql.parser,
        parserOptions: { graphQLConfig: { schema: schemaText } },
      },
      rules: {
        ...graphql.configs["flat/schema-recommended"].rules,
        ...graphql.configs["flat/schema-relay"].rules,
        "@graphql-eslint/strict-id-in-types": ["error", { exceptions: { types: withoutId } }],
        // Lists that cannot grow are lists, and pages have `nodes` beside `edges`.
        "@graphql-eslint/relay-edge-types": ["error", { withEdgeSuffix: true, shouldImplementNode: true, listTypeCanWrapOnlyEdgeType: false }],
      },
    },
  ],
});
const results = await eslint.lintText(schemaText, { filePath: "schema.graphql" });
const messages = results.flatMap((result) => result.messages).filter((message) => !isMeant(message));
for (const { line, ruleId, message } of messages) {
  console.error(`line ${line}: ${message} (${ruleId})`);
}
console.log(`${messages.length} messages`);
process.exit(messages.length === 0 ? 0 : 1);
