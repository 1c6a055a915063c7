// Reads the schema as tools do: node introspect.js http://127.0.0.1:8080/graphql [token]
//
// Asks the longest introspection query graphql-js has, and the shorter one GraphiQL falls back to; builds a client schema of the answers and prints
// {"types": …, "values": …} for the first, the latter what the server says it can answer with; or fails with what the server said.
import { buildClientSchema, getIntrospectionQuery, parse, print } from "graphql";

const [url, token] = process.argv.slice(2);
if (!url) {
  console.error("usage: node introspect.js <url> [token]");
  process.exit(2);
}

async function ask(query) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query }),
  });
  return response.json();
}

async function introspect(options) {
  const { data, errors } = await ask(getIntrospectionQuery(options));
  if (errors) {
    console.error(JSON.stringify(errors));
    process.exit(1);
  }
  return buildClientSchema(data);
}

const all = {
  descriptions: true,
  directiveIsRepeatable: true,
  inputValueDeprecation: true,
  oneOf: true,
  schemaDescription: true,
  specifiedByUrl: true,
};
const schema = await introspect(all);
await introspect({ descriptions: false });

// Ten of them at once are too much; the refusal says how much that would be.
const document = parse(getIntrospectionQuery(all));
const [root] = document.definitions[0].selectionSet.selections;
document.definitions[0].selectionSet.selections = Array.from({ length: 10 }, (_, nth) => ({
  ...root,
  alias: { kind: "Name", value: `schema${nth}` },
}));
const { errors } = await ask(print(document));
const [, together] = /can answer with (\d+) values/.exec(errors[0].message);
console.log(JSON.stringify({ types: Object.keys(schema.getTypeMap()).length, values: together / 10 }));
