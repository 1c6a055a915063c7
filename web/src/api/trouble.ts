// What can go wrong with a call, by what a person can do about it.
import type { CombinedError } from "urql";
import { AuthFault } from "../session/session.ts";

export type TroubleKind = "offline" | "forbidden" | "ended" | "busy" | "limited" | "recent" | "refused";

export interface Trouble {
  kind: TroubleKind;
  /** As the server says it, in English; for what has no words of ours. */
  message: string;
  code: string;
  requestId: string | null;
  retryAfter: number | null;
  permission: string | null;
}

const KINDS: Record<string, TroubleKind> = {
  OFFLINE: "offline",
  FORBIDDEN: "forbidden",
  WRONG_USER_MANAGEMENT_VIEW: "forbidden",
  PLAN_REQUIRED: "forbidden",
  UNAUTHENTICATED: "ended",
  SESSION_EXPIRED: "ended",
  ACCESS_TOKEN_EXPIRED: "ended",
  RATE_LIMITED: "limited",
  QUOTA_EXCEEDED: "limited",
  UNAVAILABLE: "busy",
  BUSY: "busy",
  RECENT_AUTH_REQUIRED: "recent",
};

export const kindOf = (code: string): TroubleKind => KINDS[code] ?? "refused";

export function troubleOf(error: CombinedError): Trouble {
  const response = error.response as Response | undefined;
  const requestId = response?.headers?.get("x-request-id") ?? null;
  const first = error.graphQLErrors[0];
  if (!first) {
    const code = response && response.status >= 500 ? "UNAVAILABLE" : "OFFLINE";
    return { kind: kindOf(code), message: error.message, code, requestId, retryAfter: null, permission: null };
  }
  const { code, retryAfterSeconds, permission } = first.extensions;
  const name = typeof code === "string" ? code : "INTERNAL";
  return {
    kind: kindOf(name),
    message: first.message,
    code: name,
    requestId,
    retryAfter: typeof retryAfterSeconds === "number" ? retryAfterSeconds : null,
    permission: typeof permission === "string" ? permission : null,
  };
}

export function troubleOfFault(fault: unknown): Trouble {
  if (fault instanceof AuthFault) {
    const { code, message, requestId, retryAfter } = fault;
    return { kind: kindOf(code), message, code, requestId, retryAfter, permission: null };
  }
  return { kind: "refused", message: "", code: "INTERNAL", requestId: null, retryAfter: null, permission: null };
}
