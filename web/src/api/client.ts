// The one client of the API: a normalised cache, the token renewed once for all, and one socket for what is followed.
import { authExchange } from "@urql/exchange-auth";
import { cacheExchange, type Cache } from "@urql/exchange-graphcache";
import { createClient as createSocket, type Client as Socket } from "graphql-ws";
import { Client, fetchExchange, subscriptionExchange, type CombinedError } from "urql";
import { UnreadCountDocument, type MarkReadMutation, type WatchNotificationsSubscription } from "./generated/graphql.ts";
import { bearer, currentPhase, end, isFresh, refresh, subscribe } from "../session/session.ts";

const codesOf = (error: CombinedError) => error.graphQLErrors.map(({ extensions }) => extensions.code);

/** Lists of the account that may have become others. They are read again where they are looked at. */
function forget(cache: Cache, ...fields: string[]) {
  for (const { key } of accounts(cache)) {
    for (const { fieldName, fieldKey } of cache.inspectFields(key)) {
      if (fields.includes(fieldName)) cache.invalidate(key, fieldKey);
    }
  }
}

function accounts(cache: Cache): { key: string }[] {
  const key = cache.resolve("Query", "account");
  return typeof key === "string" ? [{ key }] : [];
}

const isApplied = (result: unknown, field: string): boolean => {
  const payload = (result as Record<string, { results?: { status: string }[]; userErrors?: unknown[] } | null>)[field];
  if (!payload) return false;
  return payload.results ? payload.results.some(({ status }) => status === "APPLIED") : payload.userErrors?.length === 0;
};

/** A change of one mutation makes these lists stale. */
const stale =
  (field: string, ...fields: string[]) =>
  (result: unknown, _: unknown, cache: Cache) => {
    if (isApplied(result, field)) forget(cache, ...fields);
  };

/** The count beside the bell, and nothing else of the viewer: they may be asked for just now, and be another then. */
const count = (cache: Cache, unreadNotificationCount: number) =>
  cache.updateQuery({ query: UnreadCountDocument }, (data) => (data?.viewer ? { ...data, viewer: { ...data.viewer, unreadNotificationCount } } : data));

/** There is a new one: lists of them are read again where they are looked at. */
function tell(cache: Cache) {
  const viewer = cache.resolve("Query", "viewer");
  if (typeof viewer !== "string") return;
  for (const { fieldName, fieldKey } of cache.inspectFields(viewer)) if (fieldName === "notifications") cache.invalidate(viewer, fieldKey);
}

/** Who comes back after a while asks for what they missed since the last event that they saw. */
function resuming<Data>(request: { query?: string | undefined; variables?: Record<string, unknown> }, sink: { next: (value: Data) => void }) {
  const payload = { query: request.query ?? "", variables: { ...request.variables } };
  const next = (value: Data) => {
    const added = (value as { data?: { notificationAdded?: { resumeAfter?: string } } | null }).data?.notificationAdded;
    if (added?.resumeAfter) payload.variables.after = added.resumeAfter;
    sink.next(value);
  };
  return { payload, next };
}

const whileEnded = () =>
  new Promise<void>((resolve) => {
    if (currentPhase() === "in") return resolve();
    const stop = subscribe(() => {
      if (currentPhase() !== "in") return;
      stop();
      resolve();
    });
  });

function followUp(): Socket {
  return createSocket({
    url: new URL("/graphql", location.href).href.replace(/^http/, "ws"),
    lazy: true,
    lazyCloseTimeout: 3_000,
    retryAttempts: Number.MAX_SAFE_INTEGER,
    retryWait: async (retries) => {
      await new Promise((resolve) => setTimeout(resolve, Math.min(10_000, 300 * 2 ** Math.min(retries, 6)) * (0.7 + Math.random() * 0.6)));
      // Nothing is followed for somebody who is not signed in.
      await whileEnded();
    },
    shouldRetry: () => true,
    connectionParams: async () => {
      if (!isFresh()) await refresh();
      return { authorization: bearer() };
    },
  });
}

const without = { keys: Object.fromEntries([
  "AccountSettings", "AccountViewSwitch", "AssignmentComponent", "AuditChange", "AuditTarget", "ClaimMapping", "DnsRecord", "EmailChange", "ProductCredits", "ProductUsage", "UserCredits", "BulkJobEvent", "BulkJobOutcomeCount", "DownloadLink", "ExportEvent", "GroupSeatChange", "ImportColumn", "ImportEvent", "ImportOutcomeCount", "ImportPreview", "ImportSeatNeed", "ImportSource", "ImportSwitchedOff", "ImportUndo",
  "InvitationDelivery", "JitSettings", "JobProgress", "RoleDefinition", "RoleMapping", "SeatCounts", "SsoTestClaim", "SsoTestStep", "UserActions", "UserCounts", "Viewer", "PageInfo", "SeatsChangedEvent",
  "GenericUserError", "SeatLimitError", "QuotaError", "PlanRequiredError", "WrongViewError", "UploadTarget", "HttpHeader",
  "CloudCredits", "CreditExpiry", "CreditLimitError", "NotificationAddedEvent", "NotificationPreference", "SeatForecast", "SeatsHeldError",
  "UsagePoint", "UsageReport", "UsageRow", "UsageSummary",
].map((type) => [type, () => null])) };

export function makeClient(): Client {
  const socket = followUp();
  return new Client({
    url: "/graphql",
    preferGetMethod: false,
    fetchOptions: { credentials: "omit", headers: { accept: "application/graphql-response+json" } },
    exchanges: [
      cacheExchange({
        ...without,
        updates: {
          Mutation: {
            inviteUsers: stale("inviteUsers", "users", "userCounts", "products", "subscriptions"),
            classicAddUser: stale("classicAddUser", "users", "userCounts", "products", "subscriptions"),
            classicBulkAddUsers: stale("classicBulkAddUsers", "users", "userCounts", "products", "subscriptions"),
            transferContract: stale("transferContract", "contracts", "roles"),
            removeUsers: stale("removeUsers", "users", "userCounts", "products", "subscriptions"),
            disableUsers: stale("disableUsers", "userCounts", "products", "subscriptions"),
            enableUsers: stale("enableUsers", "userCounts", "products", "subscriptions"),
            sendInvitations: stale("sendInvitations", "userCounts"),
            unassignSeats: (result, _, cache) => {
              if (!isApplied(result, "unassignSeats")) return;
              // Who held the seats is read again: the answer names only the seats.
              const { results } = (result as { unassignSeats: { results: { userId: string | null }[] } }).unassignSeats;
              for (const { userId } of results) if (userId) cache.invalidate({ __typename: "User", id: userId });
            },
            createGroup: stale("createGroup", "groups"),
            deleteGroup: stale("deleteGroup", "groups"),
            startExport: stale("startExport", "exports"),
            startImport: stale("startImport", "imports"),
            confirmImport: stale("confirmImport", "imports"),
            undoImport: stale("undoImport", "users", "userCounts", "products", "subscriptions"),
            transferPrimaryAdmin: stale("transferPrimaryAdmin", "roles"),
            switchAccountView: stale("switchAccountView", "roles", "users", "viewSwitch"),
            claimDomain: stale("claimDomain", "domains"),
            removeDomain: stale("removeDomain", "domains", "identityProviders"),
            createIdentityProvider: stale("createIdentityProvider", "identityProviders"),
            deleteIdentityProvider: stale("deleteIdentityProvider", "identityProviders"),
            markNotificationsRead: (result, _, cache) => {
              const viewer = (result as MarkReadMutation).markNotificationsRead?.viewer;
              if (viewer) count(cache, viewer.unreadNotificationCount);
            },
            createApiToken: stale("createApiToken", "apiTokens"),
          },
          Subscription: {
            notificationAdded: (result, _, cache) => {
              const { unreadCount, notification } = (result as WatchNotificationsSubscription).notificationAdded;
              count(cache, unreadCount);
              if (notification) tell(cache);
            },
            bulkJobProgress: (result, _, cache) => {
              const event = (result as { bulkJobProgress: { isFinal: boolean } | null }).bulkJobProgress;
              if (event?.isFinal) forget(cache, "users", "userCounts", "groups", "products", "subscriptions");
            },
            importProgress: (result, _, cache) => {
              const event = (result as { importProgress: { isFinal: boolean } | null }).importProgress;
              if (event?.isFinal) forget(cache, "users", "userCounts", "products", "subscriptions");
            },
          },
        },
      }),
      authExchange(() =>
        Promise.resolve({
          addAuthToOperation: (operation) => ({
            ...operation,
            context: { ...operation.context, fetchOptions: withBearer(operation.context.fetchOptions) },
          }),
          willAuthError: () => !isFresh(),
          didAuthError: (error, { context }) => {
            const codes = codesOf(error);
            if (!codes.includes("SESSION_EXPIRED") && !codes.includes("UNAUTHENTICATED")) return codes.includes("ACCESS_TOKEN_EXPIRED");
            // It was asked in the session before, and the answer took until there was another: it is asked again in that one, which is not over.
            if (bearerOf(context.fetchOptions) !== bearer()) return isFresh();
            end();
            return false;
          },
          // Whose session is over is shown so; what is asked meanwhile waits for the next one.
          refreshAuth: () => refresh().catch(whileEnded),
        }),
      ),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => {
            const { payload, next } = resuming(request, sink);
            return { unsubscribe: socket.subscribe(payload, { ...sink, next }) };
          },
        }),
      }),
    ],
  });
}

const bearerOf = (options: RequestInit | (() => RequestInit) | undefined) =>
  new Headers((typeof options === "function" ? options() : options)?.headers).get("authorization") ?? "";

function withBearer(options: RequestInit | (() => RequestInit) | undefined): RequestInit {
  const given = typeof options === "function" ? options() : options;
  return { ...given, headers: { ...(given?.headers as Record<string, string> | undefined), authorization: bearer() } };
}
