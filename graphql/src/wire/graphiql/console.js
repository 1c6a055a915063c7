// Starts GraphiQL. Queries and mutations go by POST, subscriptions by graphql-transport-ws; the headers tab serves both:
// its entries are the headers of a request and the payload of connection_init.
"use strict";

(() => {
  const endpoint = new URL("/graphql", window.location.href);
  const socketEndpoint = new URL(endpoint);
  socketEndpoint.protocol = endpoint.protocol === "https:" ? "wss:" : "ws:";

  const welcome = `# Put an access token into the headers tab below:
#
#   { "Authorization": "Bearer <token>" }
#
# It is used for queries, mutations and subscriptions alike. Unless everybody may read the schema,
# re-fetch it then (the arrows at the lower left).

query {
  __typename
}
`;

  async function post(params, headers) {
    const response = await fetch(endpoint, {
      method: "POST",
      headers: {
        ...headers,
        accept: "application/graphql-response+json, application/json;q=0.9",
        "content-type": "application/json",
      },
      body: JSON.stringify(params),
    });
    return response.json();
  }

  // One socket serves all subscriptions that are made with the same headers.
  const sockets = new Map();

  function socketFor(headers) {
    const key = JSON.stringify(headers);
    if (!sockets.has(key)) {
      sockets.set(key, graphqlWs.createClient({ url: socketEndpoint.href, connectionParams: headers }));
    }
    return sockets.get(key);
  }

  function isSubscription(params, document) {
    const operations = (document?.definitions ?? []).filter((definition) => definition.kind === "OperationDefinition");
    const chosen = params.operationName
      ? operations.find((operation) => operation.name?.value === params.operationName)
      : operations[0];
    return chosen?.operation === "subscription";
  }

  function fetcher(params, options) {
    const headers = options?.headers ?? {};
    return isSubscription(params, options?.documentAST) ? socketFor(headers).iterate(params) : post(params, headers);
  }

  const page = ReactDOM.createRoot(document.getElementById("graphiql"));
  page.render(
    React.createElement(GraphiQL, {
      fetcher,
      defaultQuery: welcome,
      isHeadersEditorEnabled: true,
      defaultEditorToolsVisibility: "headers",
      // A token must not stay in the browser's storage after the tab is closed.
      shouldPersistHeaders: false,
    }),
  );
})();
