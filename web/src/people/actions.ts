// What can be done with many people at once, each in the API's own words.
import type { Client } from "urql";
import { idempotencyKey, send, type Changed, type Refusal } from "../api/change.ts";
import {
  AddMembersDocument,
  DisablePeopleDocument,
  EnablePeopleDocument,
  GiveSeatsDocument,
  PeopleNamedDocument,
  RemoveMembersDocument,
  RemovePeopleDocument,
  ResendInvitationsDocument,
  SendInvitationsDocument,
  TakeSeatsDocument,
  type UserFilter,
  type UserOrder,
} from "../api/generated/graphql.ts";
import type { Key } from "../language/language.ts";
import type { Answer, Apply, Outcome, Source } from "./portions.ts";
import { inPortions } from "./portions.ts";
import type { Person, Selection } from "./selection.ts";

export type ActionName = "give" | "take" | "join" | "leave" | "invite" | "enable" | "disable" | "remove";

export interface Action {
  name: ActionName;
  title: Key;
  advice: Key;
  label: Key;
  /** As many as the API takes at once. */
  size: number;
  needs: "product" | "group" | null;
  isHarm: boolean;
}

export const ACTIONS: Action[] = [
  { name: "give", title: "bulk.giveTitle", advice: "bulk.giveAdvice", label: "bulk.give", size: 100, needs: "product", isHarm: false },
  { name: "take", title: "bulk.takeTitle", advice: "bulk.takeAdvice", label: "bulk.take", size: 100, needs: "product", isHarm: true },
  { name: "join", title: "bulk.joinTitle", advice: "bulk.joinAdvice", label: "bulk.join", size: 100, needs: "group", isHarm: false },
  { name: "leave", title: "bulk.leaveTitle", advice: "bulk.leaveAdvice", label: "bulk.leave", size: 100, needs: "group", isHarm: true },
  { name: "invite", title: "bulk.inviteTitle", advice: "bulk.inviteAdvice", label: "bulk.invite", size: 50, needs: null, isHarm: false },
  { name: "enable", title: "bulk.enableTitle", advice: "bulk.enableAdvice", label: "bulk.enable", size: 100, needs: null, isHarm: false },
  { name: "disable", title: "bulk.disableTitle", advice: "bulk.disableAdvice", label: "bulk.disable", size: 100, needs: null, isHarm: true },
  { name: "remove", title: "bulk.removeTitle", advice: "bulk.removeAdvice", label: "bulk.remove", size: 100, needs: null, isHarm: true },
];

interface Payload {
  results: readonly { index: number; status: Outcome; userErrors: readonly Refusal[] }[];
  userErrors: readonly Refusal[];
}

function answered<Data>(changed: Changed<Data>, read: (data: Data) => Payload | null | undefined): Changed<Answer> {
  if (changed.trouble) return { data: null, trouble: changed.trouble };
  const payload = read(changed.data);
  const results = (payload?.results ?? []).map(({ index, status, userErrors }) => ({ index, status, errors: userErrors }));
  return { data: { results, refusals: payload?.userErrors ?? [] }, trouble: null };
}

const ids = (people: readonly Person[]) => people.map(({ id }) => id);

/** What is done with a portion of people; of products and groups, with this one. */
export function applyOf(client: Client, action: ActionName, target: string): Apply {
  switch (action) {
    case "give":
      return async (people) =>
        answered(
          await send(client, GiveSeatsDocument, {
            input: { sources: [{ productId: target }], userIds: ids(people), onError: "SKIP_FAILED", whenFull: "REFUSE", idempotencyKey: idempotencyKey() },
          }),
          (data) => data.assignSeats,
        );
    case "take":
      return async (people) =>
        answered(await send(client, TakeSeatsDocument, { input: { userIds: ids(people), productId: target, onError: "SKIP_FAILED" } }), (data) => data.unassignSeats);
    case "join":
      return async (people) => answered(await send(client, AddMembersDocument, { input: { groupId: target, userIds: ids(people) } }), (data) => data.addGroupMembers);
    case "leave":
      return async (people) => answered(await send(client, RemoveMembersDocument, { input: { groupId: target, userIds: ids(people) } }), (data) => data.removeGroupMembers);
    case "enable":
      return async (people) => answered(await send(client, EnablePeopleDocument, { input: { userIds: ids(people), onError: "SKIP_FAILED" } }), (data) => data.enableUsers);
    case "disable":
      return async (people) => answered(await send(client, DisablePeopleDocument, { input: { userIds: ids(people), onError: "SKIP_FAILED" } }), (data) => data.disableUsers);
    case "remove":
      return async (people) => answered(await send(client, RemovePeopleDocument, { input: { userIds: ids(people), onError: "SKIP_FAILED" } }), (data) => data.removeUsers);
    case "invite":
      return (people) => invite(client, people);
  }
}

/** More than this are seen to by a job, and no more than that. */
const AT_ONCE = 100;
const BY_JOB = 5_000;

/** How the server does it for all who match, where it can; null where this page has to. */
export function forAllWhoMatch(client: Client, action: ActionName, target: string, selection: Selection, matching: number, userFilter: UserFilter): (() => Promise<Changed<{ jobId: string | null; refusals: readonly Refusal[] }>>) | null {
  if (selection.kind !== "all" || selection.except.size > 0 || matching <= AT_ONCE || matching > BY_JOB) return null;
  type Begun = { job?: { id: string } | null; userErrors: readonly Refusal[] } | null | undefined;
  const begun = <Data>(changed: Changed<Data>, read: (data: Data) => Begun): Changed<{ jobId: string | null; refusals: readonly Refusal[] }> => {
    if (changed.trouble) return { data: null, trouble: changed.trouble };
    const payload = read(changed.data);
    return { data: { jobId: payload?.job?.id ?? null, refusals: payload?.userErrors ?? [] }, trouble: null };
  };
  switch (action) {
    case "give":
      return async () =>
        begun(
          await send(client, GiveSeatsDocument, { input: { sources: [{ productId: target }], userFilter, onError: "SKIP_FAILED", whenFull: "REFUSE", idempotencyKey: idempotencyKey() } }),
          (data) => data.assignSeats,
        );
    case "take":
      return async () => begun(await send(client, TakeSeatsDocument, { input: { userFilter, productId: target, onError: "SKIP_FAILED" } }), (data) => data.unassignSeats);
    case "join":
      return async () => begun(await send(client, AddMembersDocument, { input: { groupId: target, userFilter } }), (data) => data.addGroupMembers);
    case "leave":
      return async () => begun(await send(client, RemoveMembersDocument, { input: { groupId: target, userFilter } }), (data) => data.removeGroupMembers);
    default:
      return null;
  }
}

/** Whoever has an invitation gets it again, whoever was only added gets their first, and whoever has joined needs none. */
async function invite(client: Client, people: readonly Person[]): Promise<Changed<Answer>> {
  const results: Answer["results"] = [];
  const places = new Map(people.map((person, index) => [person.id, index]));
  const waiting = people.filter(({ status, invitation }) => status === "PENDING" && invitation);
  const staged = people.filter(({ status }) => status === "STAGED");
  for (const person of people) {
    if (!waiting.includes(person) && !staged.includes(person)) results.push({ index: places.get(person.id) ?? 0, status: "UNCHANGED", errors: [] });
  }
  const collect = (answer: Changed<Answer>, portion: readonly Person[]) => {
    for (const { index, status, errors } of answer.data?.results ?? []) {
      const person = portion[index];
      if (person) results.push({ index: places.get(person.id) ?? 0, status, errors });
    }
  };
  if (waiting.length > 0) {
    const invitationIds = waiting.flatMap(({ invitation }) => (invitation ? [invitation.id] : []));
    const again = answered(await send(client, ResendInvitationsDocument, { input: { invitationIds } }), (data) => data.resendInvitations);
    if (again.trouble) return again;
    collect(again, waiting);
  }
  if (staged.length > 0) {
    const first = answered(await send(client, SendInvitationsDocument, { input: { userIds: ids(staged) } }), (data) => data.sendInvitations);
    if (first.trouble) return first;
    collect(first, staged);
  }
  return { data: { results, refusals: [] }, trouble: null };
}

/** Who is meant, by the hundred: as they were picked, or as the list finds them. */
export async function* peopleOf(client: Client, selection: Selection, filter: UserFilter, orderBy: UserOrder): Source {
  if (selection.kind === "some") {
    yield* inPortions([...selection.people.values()], 100);
    return;
  }
  let after: string | null = null;
  for (;;) {
    const { data, error }: Awaited<ReturnType<typeof page>> = await page(client, after, filter, orderBy);
    const users = data?.account.users;
    if (!users) throw error ?? new Error("The list could not be read.");
    yield users.nodes.filter(({ id }) => !selection.except.has(id));
    if (!users.pageInfo.hasNextPage) return;
    after = users.pageInfo.endCursor ?? null;
  }
}

const page = (client: Client, after: string | null, filter: UserFilter, orderBy: UserOrder) =>
  client.query(PeopleNamedDocument, { first: 100, after, filter, orderBy }, { requestPolicy: "network-only" }).toPromise();
