// What the address bar says of the audit log. Pure, so that a link shows the same events to everybody.
import type { AuditActorKind, AuditEventFilter, AuditOutcome } from "../api/generated/graphql.ts";

export interface AuditQuery {
  /** A whole action, or the word that it begins with. */
  action: string;
  kind: AuditActorKind | "";
  outcome: AuditOutcome | "";
  actor: string;
  target: string;
  ip: string;
  /** Days of the calendar here, the last one included. */
  from: string;
  to: string;
}

export const KINDS: AuditActorKind[] = ["USER", "API_TOKEN", "IDENTITY_PROVIDER", "SYSTEM", "SUPPORT"];
export const OUTCOMES: AuditOutcome[] = ["SUCCESS", "DENIED"];
export const NO_QUERY: AuditQuery = { action: "", kind: "", outcome: "", actor: "", target: "", ip: "", from: "", to: "" };
const NAMES = Object.keys(NO_QUERY) as (keyof AuditQuery)[];
const DAY = /^(\d{4})-(\d\d)-(\d\d)$/;
/** An address, IPv4 or IPv6: what the server would take. */
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|[\da-f:.]*:[\da-f:.]*)$/i;

const oneOf = <T extends string>(value: string | null, known: readonly T[]): T | "" => known.find((one) => one === value) ?? "";
const day = (value: string | null) => (value !== null && startOf(value, 0) !== null ? value : "");

export function readQuery(params: URLSearchParams): AuditQuery {
  return {
    action: params.get("action") ?? "",
    kind: oneOf(params.get("kind"), KINDS),
    outcome: oneOf(params.get("outcome"), OUTCOMES),
    actor: params.get("actor") ?? "",
    target: params.get("target") ?? "",
    ip: params.get("ip") ?? "",
    from: day(params.get("from")),
    to: day(params.get("to")),
  };
}

export function writeQuery(query: AuditQuery): string {
  const params = new URLSearchParams();
  for (const name of NAMES) if (query[name]) params.set(name, query[name]);
  const text = params.toString();
  return text ? `?${text}` : "";
}

/** The first moment of a day, or of one some days later; null for what is no day. */
function startOf(text: string, later: number): string | null {
  const [, year, month, date] = DAY.exec(text) ?? [];
  if (!year || !month || !date || Number(year) < 1) return null;
  const start = new Date(Number(year), Number(month) - 1, Number(date) + later);
  return Number.isNaN(start.getTime()) ? null : start.toISOString();
}

export const isAddress = (text: string) => ADDRESS.test(text);

export function filterOf(query: AuditQuery): AuditEventFilter {
  const filter: AuditEventFilter = {};
  if (query.action) filter.action = [query.action];
  if (query.kind) filter.actorKind = [query.kind];
  if (query.outcome) filter.outcome = [query.outcome];
  if (query.actor) filter.actorId = query.actor;
  if (query.target) filter.targetId = query.target;
  if (isAddress(query.ip)) filter.ipAddress = query.ip;
  const from = query.from ? startOf(query.from, 0) : null;
  const to = query.to ? startOf(query.to, 1) : null;
  if (from || to) filter.occurredAt = { from, to };
  return filter;
}

export const narrowed = (query: AuditQuery) => NAMES.filter((name) => query[name] !== "").length;
