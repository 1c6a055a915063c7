// A client of Muster for a page of another origin: no build, no library. What a library would do for you is in docs/frontend.md.
//
// The access token lives in this module and nowhere else: not in the browser's storage, where any script of the page could find it. The refresh token is
// in a cookie that no script can read.

export class Muster {
  #url;
  #token = null;
  #refreshing = null;

  /** `url`: where Muster is, for example http://localhost:8080. Its MUSTER_ALLOWED_ORIGINS must name this page's origin. */
  constructor(url) {
    this.#url = url;
  }

  /** Signs in; answers the account and the others the person could go over to. */
  async signIn(email, password) {
    const { accessToken, account, accounts } = await this.#auth("sign-in", { email, password });
    this.#token = accessToken;
    return { account, accounts };
  }

  /** Goes on with the session the browser still has, after a reload. */
  async resume() {
    await this.#refresh();
  }

  /** Answers a query or a mutation. A token that lapsed is renewed once, and the operation sent again: it was not executed. */
  async ask(query, variables = {}) {
    let answer = await this.#post(query, variables);
    if (code(answer) === "ACCESS_TOKEN_EXPIRED") {
      await this.#refresh();
      answer = await this.#post(query, variables);
    }
    if (answer.errors) throw new Trouble(answer.errors[0]);
    return answer.data;
  }

  /**
   * Follows a subscription until it is complete. When the socket closes before that (the token lapsed, the network broke), another one is opened with a
   * new token; `variables` is asked anew each time, so that it can say from where to go on.
   */
  async *follow(query, variables) {
    for (let failures = 0; failures < 5; ) {
      const socket = new Channel(this.#url.replace(/^http/, "ws") + "/graphql", this.#token);
      let end;
      for await (const message of socket.subscribe(query, variables())) {
        if (message.type === "next") {
          failures = 0;
          if (message.payload.errors) throw new Trouble(message.payload.errors[0]);
          yield message.payload.data;
        }
        end = message;
      }
      if (end?.type === "complete") return;
      if (end?.type === "error") throw new Trouble(end.payload[0]);
      failures += 1;
      await new Promise((resolve) => setTimeout(resolve, 500 * failures));
      await this.#refresh();
    }
    throw new Error("The connection cannot be kept.");
  }

  /** Uploads a file straight to the store; answers the id to start an import with. */
  async upload(file) {
    const bytes = await file.arrayBuffer();
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    const input = {
      purpose: "USER_IMPORT",
      filename: file.name,
      byteSize: bytes.byteLength,
      contentType: "text/csv",
      sha256: btoa(String.fromCharCode(...digest)),
    };
    const { createUpload } = await this.ask(
      `mutation($input: CreateUploadInput!) {
         createUpload(input: $input) {
           upload { id } target { url method headers { name value } } userErrors { code message }
         }
       }`,
      { input },
    );
    mended(createUpload.userErrors);
    const { url, method, headers } = createUpload.target;
    // The browser sets these two itself, and lets nobody else.
    const signed = headers.filter(({ name }) => !["host", "content-length"].includes(name.toLowerCase()));
    const put = await fetch(url, {
      method,
      body: bytes,
      headers: Object.fromEntries(signed.map(({ name, value }) => [name, value])),
    });
    if (!put.ok) throw new Error(`The store answered ${put.status}.`);
    return createUpload.upload.id;
  }

  async #post(query, variables) {
    const response = await fetch(`${this.#url}/graphql`, {
      method: "POST",
      headers: {
        accept: "application/graphql-response+json, application/json;q=0.9",
        "content-type": "application/json",
        ...(this.#token && { authorization: `Bearer ${this.#token}` }),
      },
      body: JSON.stringify({ query, variables }),
    });
    return response.json();
  }

  // Several operations may find at once that the token has lapsed; they wait for one refresh.
  #refresh() {
    this.#refreshing ??= this.#auth("refresh", {})
      .then(({ accessToken }) => {
        this.#token = accessToken;
      })
      .finally(() => {
        this.#refreshing = null;
      });
    return this.#refreshing;
  }

  async #auth(path, body) {
    const response = await fetch(`${this.#url}/auth/${path}`, {
      method: "POST",
      credentials: "include",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const answer = await response.json();
    if (!response.ok) throw new Trouble(answer.errors[0]);
    return answer;
  }
}

/** What Muster refused: `code` to match on, `message` to show. */
export class Trouble extends Error {
  constructor({ message, extensions }) {
    super(message);
    this.code = extensions?.code;
  }
}

/** Throws the first of the problems a mutation found with its input. */
export function mended([first]) {
  if (first) throw new Trouble({ message: first.message, extensions: { code: first.code } });
}

function code(answer) {
  return answer.errors?.[0]?.extensions?.code;
}

/** One subscription over one socket of graphql-transport-ws. */
class Channel {
  #messages = [];
  #wake = () => {};

  constructor(url, token) {
    this.socket = new WebSocket(url, "graphql-transport-ws");
    this.socket.onopen = () => this.#send({ type: "connection_init", payload: { Authorization: `Bearer ${token}` } });
    this.socket.onmessage = ({ data }) => this.#hear(JSON.parse(data));
    this.socket.onclose = ({ code }) => this.#hear({ type: "closed", code });
  }

  async *subscribe(query, variables) {
    try {
      for (;;) {
        while (this.#messages.length === 0) await new Promise((resolve) => (this.#wake = resolve));
        const message = this.#messages.shift();
        if (message.type === "connection_ack") {
          this.#send({ type: "subscribe", id: "1", payload: { query, variables } });
        } else if (message.type === "ping") {
          this.#send({ type: "pong" });
        } else {
          yield message;
          if (message.type !== "next") return;
        }
      }
    } finally {
      this.socket.close(1000);
    }
  }

  #send(message) {
    this.socket.send(JSON.stringify(message));
  }

  #hear(message) {
    this.#messages.push(message);
    this.#wake();
  }
}
