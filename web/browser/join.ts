// People who join by the mail that invites them, as they would.
import { readdirSync, readFileSync } from "node:fs";
import { join as path } from "node:path";
import type { House } from "./house.ts";

const readable = (mail: string) => mail.replace(/=\r?\n/g, "").replace(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));

/** The latest mail to an address in which this stands; it takes a moment until it is written. */
export async function mailTo(house: House, email: string, what: RegExp): Promise<RegExpExecArray> {
  const folder = path(house.folder, "mail");
  for (let turn = 0; turn < 100; turn += 1) {
    // Their names grow with time.
    for (const name of readdirSync(folder).sort().reverse().slice(0, 40)) {
      if (!name.endsWith(".eml")) continue;
      const mail = readFileSync(path(folder, name), "utf8");
      const found = new RegExp(`^To: .*${email}`, "m").test(mail) ? what.exec(readable(mail)) : null;
      if (found) return found;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`no mail to ${email} has ${String(what)}`);
}

/** Whoever was invited takes this password. */
export async function accept(house: House, email: string, password: string) {
  const [, token] = await mailTo(house, email, /\/invitation#token=([\w-]+)/);
  const response = await fetch(`${house.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: "mutation($token: String!, $password: String!) { acceptInvitation(input: { token: $token, password: $password }) { email userErrors { message } } }", variables: { token, password } }),
  });
  const { data } = (await response.json()) as { data?: { acceptInvitation: { email: string | null } } };
  if (!data?.acceptInvitation.email) throw new Error(`${email} could not join`);
}
