// Follows an import with the reference client: node follow.js http://127.0.0.1:8080/graphql <token> <importId>
//
// Prints one JSON line per event, and ends when the server says that there are no more.
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const [url, token, importId] = process.argv.slice(2);
if (!importId) {
  console.error("usage: node follow.js <url> <token> <importId>");
  process.exit(2);
}

const query = `subscription Follow($importId: ID!) {
  importProgress(importId: $importId) {
    sequence kind isFinal hasGap
    import { status progress { percent processed total succeeded failed skipped } }
  }
}`;

const client = createClient({
  url: url.replace(/^http/, "ws"),
  webSocketImpl: WebSocket,
  retryAttempts: 0,
  connectionParams: { Authorization: `Bearer ${token}` },
});

for await (const { data, errors } of client.iterate({ query, variables: { importId } })) {
  if (errors) {
    console.error(JSON.stringify(errors));
    process.exit(1);
  }
  console.log(JSON.stringify(data.importProgress));
}
await client.dispose();
