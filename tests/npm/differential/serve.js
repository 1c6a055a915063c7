// The reference: a request a line on its input, {"query", "variables", "operationName"}, and its answer a line on its output.
import { createInterface } from "node:readline";
import { execute, parse, validate } from "graphql";
import { roots, schema } from "./schema.js";

function answer({ query, variables, operationName }) {
  let document;
  try {
    document = parse(query);
  } catch (error) {
    return { errors: [error] };
  }
  const errors = validate(schema, document);
  if (errors.length > 0) {
    return { errors };
  }
  return execute({ schema, document, rootValue: roots(), variableValues: variables, operationName });
}

for await (const line of createInterface({ input: process.stdin })) {
  const answered = await answer(JSON.parse(line));
  process.stdout.write(`${JSON.stringify(answered)}\n`);
}
