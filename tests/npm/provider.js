// A certified OpenID provider on loopback: node provider.js '{"clients": [...], "people": [...]}'
//
// Prints {"issuer": ...} once it listens. A line "rotate" on its input has it sign with a new key from then on, under the same issuer; it answers
// {"kid": ...}. It ends when its input does. Development interactions are on: a form that takes any account id as login, then a form of consent.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { exportJWK, generateKeyPair } from "jose";
import { Provider } from "oidc-provider";

// Whoever started this reads answers only; the library's own remarks go elsewhere.
console.info = console.error;

const { clients, people } = JSON.parse(process.argv[2]);
const algorithms = [...new Set(clients.map((client) => client.id_token_signed_response_alg ?? "RS256"))];
// Sessions and grants of the provider outlive a rotation of its keys.
const cookieKeys = [randomUUID()];

async function newKeys() {
  return Promise.all(
    [...new Set(["RS256", ...algorithms])].map(async (alg) => {
      const { privateKey } = await generateKeyPair(alg, { extractable: true });
      return { ...(await exportJWK(privateKey)), alg, use: "sig", kid: randomUUID() };
    }),
  );
}

const server = createServer();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

function provider(keys) {
  return new Provider(issuer, {
    clients,
    jwks: { keys },
    cookies: { keys: cookieKeys },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["given_name", "family_name", "name"] },
    enabledJWA: { idTokenSigningAlgValues: ["RS256", ...algorithms] },
    features: { devInteractions: { enabled: true }, backchannelLogout: { enabled: true } },
    async findAccount(_, id) {
      const person = people.find((known) => known.sub === id);
      return person && { accountId: id, claims: async () => person };
    },
  });
}

let keys = await newKeys();
let answer = provider(keys).callback();
server.on("request", (request, response) => answer(request, response));
console.log(JSON.stringify({ issuer, kid: keys[0].kid }));

const input = createInterface({ input: process.stdin });
for await (const line of input) {
  if (line === "rotate") {
    keys = await newKeys();
    answer = provider(keys).callback();
    console.log(JSON.stringify({ kid: keys[0].kid }));
  }
}
process.exit(0);
