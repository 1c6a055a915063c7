// Asks `{ __typename }` over a WebSocket with the reference client: node socket.js http://127.0.0.1:8080/graphql [token]
import assert from "node:assert/strict";
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const [url, token] = process.argv.slice(2);
if (!url) {
  console.error("usage: node socket.js <url> [token]");
  process.exit(2);
}

const client = createClient({
  url: url.replace(/^http/, "ws"),
  webSocketImpl: WebSocket,
  retryAttempts: 0,
  connectionParams: token ? { Authorization: `Bearer ${token}` } : {},
});

async function all(query) {
  const answers = [];
  for await (const answer of client.iterate({ query })) {
    answers.push(answer);
  }
  return answers;
}

const [answer, ...more] = await all("{ __typename }");
assert.equal(typeof answer.data.__typename, "string");
assert.deepEqual(more, [], "a query is answered once");

await assert.rejects(all("{ thereIsNoSuchField }"), (errors) => {
  assert.equal(errors[0].extensions.code, "GRAPHQL_VALIDATION_FAILED");
  return true;
});
await client.dispose();
console.log("the reference client is content");
