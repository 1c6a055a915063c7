// Who is signed in, as docs/authentication.md has it: the access token stays in memory, the cookie brings another after a reload, and whoever needs a new
// one waits for the one refresh that is under way.

export type Phase = "unknown" | "in" | "out" | "ended" | "away";

export interface AccountName {
  id: string;
  name: string;
  slug: string;
}

/** Why a call to `/auth` was refused. */
export class AuthFault extends Error {
  readonly code: string;
  readonly requestId: string | null;
  readonly retryAfter: number | null;

  constructor(code: string, message: string, requestId: string | null = null, retryAfter: number | null = null) {
    super(message);
    this.code = code;
    this.requestId = requestId;
    this.retryAfter = retryAfter;
  }
}

interface Tokens {
  accessToken: string;
  expiresAt: string;
}

/** A token this close to its end is renewed before it is used: clocks differ, and requests take time. */
const MARGIN = 20_000;

let token: string | null = null;
let expiresAt = 0;
let refreshing: Promise<void> | null = null;
let phase: Phase = "unknown";
const listeners = new Set<() => void>();
const tabs = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("muster-session");

export const bearer = () => (token ? `Bearer ${token}` : "");
export const isFresh = () => token !== null && Date.now() < expiresAt - MARGIN;
export const currentPhase = () => phase;
export const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

function become(next: Phase) {
  if (phase === next) return;
  phase = next;
  for (const listener of listeners) listener();
}

/** The account a token is for; null of what is no token. */
export function accountOf(jwt: string): string | null {
  try {
    const claims: unknown = JSON.parse(atob((jwt.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/")));
    const account = typeof claims === "object" && claims !== null && "acc" in claims ? claims.acc : null;
    return typeof account === "string" ? account : null;
  } catch {
    return null;
  }
}

async function post(path: string, body: object): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, {
      method: "POST",
      credentials: "same-origin",
      headers: { "content-type": "application/json", ...(token ? { authorization: bearer() } : {}) },
      body: JSON.stringify(body),
    });
  } catch {
    throw new AuthFault("OFFLINE", "");
  }
  if (response.ok) return response;
  const answer: unknown = await response.json().catch(() => null);
  const first = (answer as { errors?: { message?: string; extensions?: { code?: string } }[] } | null)?.errors?.[0];
  const retryAfter = Number(response.headers.get("retry-after"));
  throw new AuthFault(
    first?.extensions?.code ?? "INTERNAL",
    first?.message ?? "",
    response.headers.get("x-request-id"),
    retryAfter > 0 ? retryAfter : null,
  );
}

function take({ accessToken, expiresAt: until }: Tokens) {
  token = accessToken;
  // Counted from now on by our own clock, which may be wrong.
  expiresAt = Math.max(Date.parse(until), Date.now() + MARGIN + 1_000);
}

/** Another access token, fetched once for all who ask. */
export function refresh(): Promise<void> {
  refreshing ??= (async () => {
    const before = token ? accountOf(token) : null;
    try {
      const tokens = (await (await post("/auth/refresh", {})).json()) as Tokens;
      // Another tab went over to another account: what is on this page is not its own any more.
      if (before !== null && accountOf(tokens.accessToken) !== before) return location.assign("/");
      take(tokens);
      become("in");
    } catch (fault) {
      const code = fault instanceof AuthFault ? fault.code : "INTERNAL";
      if (code === "SESSION_EXPIRED" || code === "UNAUTHENTICATED") {
        token = null;
        become(phase === "unknown" && code === "UNAUTHENTICATED" ? "out" : "ended");
      } else if (phase === "unknown") {
        become("away");
      }
      throw fault;
    }
  })().finally(() => (refreshing = null));
  return refreshing;
}

/** After a reload: whoever has the cookie goes on. */
export const resume = () => refresh().catch(() => undefined);

/** The server says that the session is over. */
export function end() {
  token = null;
  become("ended");
}

export async function signIn(email: string, password: string, account?: string): Promise<AccountName[]> {
  const response = await post("/auth/sign-in", { email, password, ...(account ? { account } : {}) });
  const answer = (await response.json()) as Tokens & { account: AccountName; accounts: AccountName[] };
  take(answer);
  tabs?.postMessage("changed");
  return [answer.account, ...answer.accounts];
}

/** Shows what is behind the sign-in. */
export const enter = () => become("in");

/** Goes over to another account of the same person. */
export async function switchTo(account: string) {
  take((await (await post("/auth/switch", { account })).json()) as Tokens);
  tabs?.postMessage("changed");
}

export async function signOut() {
  const response = await post("/auth/sign-out", {});
  token = null;
  tabs?.postMessage("out");
  if (response.status === 200) {
    const { endSessionUrl } = (await response.json()) as { endSessionUrl: string };
    location.assign(endSessionUrl);
    return;
  }
  become("out");
}

export const forgot = (email: string) => post("/auth/password/forgot", { email });
export const confirmBy = (proof: { password: string } | { code: string }) => post("/auth/confirm", proof);
export const sendCode = () => post("/auth/confirm/code", {});

/**
 * Whether somebody of this address can sign in at an identity provider. Asked of the address a browser would be sent to: it redirects if there is one, and
 * the redirect is not followed here.
 */
export async function hasProvider(email: string): Promise<boolean> {
  try {
    const response = await fetch(providerPath(email, "/"), { redirect: "manual", credentials: "same-origin" });
    return response.type === "opaqueredirect";
  } catch {
    return false;
  }
}

export function providerPath(email: string, returnTo: string, isRecent = false): string {
  const asked = new URLSearchParams({ email, return_to: returnTo, ...(isRecent ? { recent: "1" } : {}) });
  return `/sso/start?${asked.toString()}`;
}

if (tabs) {
  tabs.onmessage = ({ data }: MessageEvent<string>) => {
    if (data === "out" && phase === "in") end();
    // Whoever is at work here may be somebody else by now, or in another account; whoever waits to sign in is signed in.
    if (data === "changed") {
      if (phase === "in") location.assign("/");
      else void resume();
    }
  };
}
