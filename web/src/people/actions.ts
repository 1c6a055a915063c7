// What can be done with many people at once, each in the API's own words.
import type { Client } from "urql";
import { idempotencyKey, send, type Changed, type Refusal } from "../api/change.ts";
import {
  DisablePeopleDocument,
  EnablePeopleDocument,
  GiveSeatsDocument,
  PeopleNamedDocument,
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

export type ActionName = "give" | "take" | "invite" | "enable" | "disable" | "remove";

export interface Action {
  name: ActionName;
  title: Key;
  advice: Key;
  label: Key;
  /** As many as the API takes at once. */
  size: number;
  needsProduct: boolean;
  isHarm: boolean;
}

export const ACTIONS: Action[] = [
  { name: "give", title: "bulk.giveTitle", advice: "bulk.giveAdvice", label: "bulk.give", size: 100, needsProduct: true, isHarm: false },
  { name: "take", title: "bulk.takeTitle", advice: "bulk.takeAdvice", label: "bulk.take", size: 100, needsProduct: true, isHarm: true },
  { name: "invite", title: "bulk.inviteTitle", advice: "bulk.inviteAdvice", label: "bulk.invite", size: 50, needsProduct: false, isHarm: false },
  { name: "enable", title: "bulk.enableTitle", advice: "bulk.enableAdvice", label: "bulk.enable", size: 100, needsProduct: false, isHarm: false },
  { name: "disable", title: "bulk.disableTitle", advice: "bulk.disableAdvice", label: "bulk.disable", size: 100, needsProduct: false, isHarm: true },
  { name: "remove", title: "bulk.removeTitle", advice: "bulk.removeAdvice", label: "bulk.remove", size: 100, needsProduct: false, isHarm: true },
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

export function applyOf(client: Client, action: ActionName, productId: string): Apply {
  switch (action) {
    case "give":
      return async (people) =>
        answered(
          await send(client, GiveSeatsDocument, {
            input: { sources: [{ productId }], userIds: ids(people), onError: "SKIP_FAILED", whenFull: "REFUSE", idempotencyKey: idempotencyKey() },
          }),
          (data) => data.assignSeats,
        );
    case "take":
      return async (people) =>
        answered(await send(client, TakeSeatsDocument, { input: { userIds: ids(people), productId, onError: "SKIP_FAILED" } }), (data) => data.unassignSeats);
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
