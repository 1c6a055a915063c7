// How long a token is good, and where one stands. Pure.

export const TERMS = ["7", "30", "90", "180", "365"] as const;
export type Term = (typeof TERMS)[number] | "day";

const DAY = 86_400_000;

/** A day of the calendar here, as a field for dates writes it. */
export function dayAfter(days: number, now = new Date()): string {
  const day = new Date(now.getFullYear(), now.getMonth(), now.getDate() + days);
  return [day.getFullYear(), day.getMonth() + 1, day.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}

/** When it ends: so many days from now, or with the end of a day. Null for what is no day. A year is the longest, and a minute less than one certainly is none too many. */
export function endOf(term: Term, day: string, now = new Date()): string | null {
  if (term !== "day") return new Date(now.getTime() + Number(term) * DAY - 60_000).toISOString();
  const [year, month, date] = day.split("-").map(Number);
  if (!year || !month || !date) return null;
  const end = new Date(year, month - 1, date, 23, 59, 59);
  return end > now ? end.toISOString() : null;
}

export type TokenState = "good" | "expired" | "revoked" | "orphaned";

interface Token {
  expiresAt: string;
  revokedAt?: string | null;
  createdBy?: { status: string } | null;
}

/** A token is as dead as whoever made it. */
export function stateOf({ expiresAt, revokedAt, createdBy }: Token, now = Date.now()): TokenState {
  if (revokedAt) return "revoked";
  if (Date.parse(expiresAt) <= now) return "expired";
  return createdBy?.status === "ACTIVE" ? "good" : "orphaned";
}
