// One change that a part of a screen makes: whether it is under way, and what was wrong with it.
import { useState } from "react";
import type { AnyVariables, TypedDocumentNode } from "urql";
import { Refusals, TroubleLine } from "../design/states.tsx";
import { useChange, type Refusal } from "./change.ts";
import type { Trouble } from "./trouble.ts";

interface Payload {
  userErrors: readonly Refusal[];
}

/** `onStale`: somebody else was faster, and what they made of it is to be read. */
export function useAttempt(onStale?: () => void) {
  const change = useChange();
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  /** What the mutation answered; null if it was refused, or whoever was asked to prove themselves would rather not. */
  async function attempt<Data, Variables extends AnyVariables, Answer extends Payload>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    read: (data: Data) => Answer | null | undefined,
  ): Promise<Answer | null> {
    setBusy(true);
    const { data, trouble: failed } = await change(document, variables);
    setBusy(false);
    setTrouble(failed?.kind === "recent" ? null : failed);
    const answer = data === null ? null : (read(data) ?? null);
    const errors = answer?.userErrors ?? [];
    setRefusals(errors);
    if (errors.some(({ code }) => code === "STALE_VERSION")) onStale?.();
    return errors.length > 0 ? null : answer;
  }
  const problems = (
    <>
      <TroubleLine trouble={trouble} />
      <Refusals errors={refusals} />
    </>
  );
  return { attempt, isBusy, problems };
}
