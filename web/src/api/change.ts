// Sending a change: once, never again on its own unless nothing was done, and after a new proof of identity where one is asked for.
import { useCallback } from "react";
import { useClient, type AnyVariables, type Client, type TypedDocumentNode } from "urql";
import { askAgain } from "../session/recent.ts";
import { troubleOf, type Trouble } from "./trouble.ts";

export interface Refusal {
  message: string;
  code: string;
  field?: string[] | null;
}

export type Changed<Data> = { data: Data; trouble: null } | { data: null; trouble: Trouble };

export async function send<Data, Variables extends AnyVariables>(
  client: Client,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Changed<Data>> {
  for (;;) {
    const { data, error } = await client.mutation(document, variables).toPromise();
    const trouble = error ? troubleOf(error) : null;
    if (trouble?.kind === "recent" && (await askAgain())) continue;
    if (trouble || !data) return { data: null, trouble: trouble ?? nothing };
    return { data, trouble: null };
  }
}

const nothing: Trouble = { kind: "offline", message: "", code: "OFFLINE", requestId: null, retryAfter: null, permission: null };

export function useChange() {
  const client = useClient();
  return useCallback(
    <Data, Variables extends AnyVariables>(document: TypedDocumentNode<Data, Variables>, variables: Variables) => send(client, document, variables),
    [client],
  );
}

/** A key under which a call may be repeated. */
export const idempotencyKey = () => crypto.getRandomValues(new Uint32Array(4)).join("-");
