// What the address bar says of the list: search, filters, order. Pure, so that a link shows the same list to everybody.
import type { DeliveryStatus, InvitationStatus, Role, UserFilter, UserOrder, UserOrderField, UserStatus } from "../api/generated/graphql.ts";
import { characters } from "../language/letters.ts";

export type LastUse = "" | "30" | "90" | "365";

export interface PeopleQuery {
  search: string;
  status: UserStatus | "";
  role: Role | "";
  product: string;
  without: boolean;
  invitation: InvitationStatus | "UNDELIVERED" | "";
  idle: LastUse;
  order: UserOrderField;
  isDescending: boolean;
}

export const STATUSES: UserStatus[] = ["ACTIVE", "PENDING", "STAGED", "DISABLED"];
export const ROLES: Role[] = ["PRIMARY_ADMIN", "SECONDARY_ADMIN", "SSO_ADMIN", "CONTRACT_MANAGER", "SOFTWARE_COORDINATOR", "USER"];
export const INVITATIONS: (InvitationStatus | "UNDELIVERED")[] = ["PENDING", "EXPIRED", "REVOKED", "ACCEPTED", "UNDELIVERED"];
export const LAST_USES: LastUse[] = ["30", "90", "365"];
const ORDERS: UserOrderField[] = ["DISPLAY_NAME", "EMAIL", "ROLE", "STATUS", "LAST_SIGNED_IN_AT", "CREATED_AT"];
const UNDELIVERED: DeliveryStatus[] = ["BOUNCED", "DELAYED"];

/** More words, and longer ones, the server refuses; what is typed beyond that is not asked. */
const WORDS = 8;
const WORD = 100;

export const NO_QUERY: PeopleQuery = {
  search: "",
  status: "",
  role: "",
  product: "",
  without: false,
  invitation: "",
  idle: "",
  order: "DISPLAY_NAME",
  isDescending: false,
};

const oneOf = <T extends string>(value: string | null, known: readonly T[]): T | "" => known.find((one) => one === value) ?? "";

export function readQuery(params: URLSearchParams): PeopleQuery {
  const order = params.get("order") ?? "";
  return {
    search: params.get("q") ?? "",
    status: oneOf(params.get("status"), STATUSES),
    role: oneOf(params.get("role"), ROLES),
    product: params.get("product") ?? "",
    without: params.get("without") === "1",
    invitation: oneOf(params.get("invitation"), INVITATIONS),
    idle: oneOf(params.get("idle"), LAST_USES),
    order: oneOf(order.replace(/^-/, ""), ORDERS) || NO_QUERY.order,
    isDescending: order.startsWith("-"),
  };
}

/** Only what differs from what everybody sees. */
export function writeQuery(query: PeopleQuery): URLSearchParams {
  const params = new URLSearchParams();
  const say = (name: string, value: string) => {
    if (value) params.set(name, value);
  };
  say("q", query.search);
  say("status", query.status);
  say("role", query.role);
  say("product", query.product);
  say("without", query.product && query.without ? "1" : "");
  say("invitation", query.invitation);
  say("idle", query.idle);
  const isUsual = query.order === NO_QUERY.order && !query.isDescending;
  say("order", isUsual ? "" : `${query.isDescending ? "-" : ""}${query.order}`);
  return params;
}

export function searchWords(search: string): string | undefined {
  const words = search.split(/\s+/).filter(Boolean).slice(0, WORDS);
  return words.map((word) => characters(word).slice(0, WORD).join("")).join(" ") || undefined;
}

/** `now` is the beginning of the day, so that the same list has the same filter while somebody looks at it. */
export function filterOf(query: PeopleQuery, now: Date): UserFilter {
  const filter: UserFilter = {};
  const search = searchWords(query.search);
  if (search) filter.search = search;
  if (query.status) filter.status = [query.status];
  if (query.role) filter.role = [query.role];
  if (query.product) filter[query.without ? "withoutProductId" : "productId"] = query.product;
  if (query.invitation === "UNDELIVERED") filter.invitationDelivery = UNDELIVERED;
  else if (query.invitation) filter.invitationStatus = [query.invitation];
  if (query.idle) {
    const day = new Date(now);
    day.setUTCHours(0, 0, 0, 0);
    day.setUTCDate(day.getUTCDate() - Number(query.idle));
    filter.notSignedInSince = day.toISOString();
  }
  return filter;
}

export const orderOf = (query: PeopleQuery): UserOrder => ({ field: query.order, direction: query.isDescending ? "DESC" : "ASC" });

export const isNarrowed = (query: PeopleQuery) =>
  Boolean(query.search || query.status || query.role || query.product || query.invitation || query.idle);
