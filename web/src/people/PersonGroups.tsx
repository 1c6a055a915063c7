import { useState } from "react";
import { useQuery } from "urql";
import { Link } from "wouter";
import { AddMembersDocument, GroupNamesDocument, RemoveMembersDocument } from "../api/generated/graphql.ts";
import { useChange, type Refusal } from "../api/change.ts";
import type { Trouble } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Confirm } from "../design/Dialog.tsx";
import { Choice } from "../design/fields.tsx";
import { notify } from "../design/notices.tsx";
import { Refusals, TroubleLine } from "../design/states.tsx";
import { useText } from "../language/language.ts";
import { useMay } from "../session/viewer.ts";
import { Section, type FullPerson } from "./Section.tsx";

type Group = NonNullable<FullPerson["groups"]>["nodes"][number];

/** The groups of one person. Coming in may bring seats, and leaving takes those that nothing else holds. */
export function PersonGroups({ person, onChanged }: { person: FullPerson; onChanged: () => void }) {
  const t = useText();
  const change = useChange();
  const mayGroup = useMay("GROUPS_WRITE");
  const [isAdding, setAdding] = useState(false);
  const [leaving, setLeaving] = useState<Group | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const [{ data, fetching }] = useQuery({ query: GroupNamesDocument, pause: !isAdding });
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  const [isBusy, setBusy] = useState(false);
  const groups = person.groups?.nodes ?? [];
  const others = (data?.account.groups?.nodes ?? []).filter(({ id }) => !groups.some((group) => group.id === id));
  const groupId = chosen ?? others[0]?.id ?? "";
  const settle = (failed: Trouble | null, errors: readonly Refusal[], said: string) => {
    setBusy(false);
    setLeaving(null);
    setTrouble(failed);
    setRefusals(errors);
    if (failed || errors.length > 0) return;
    setAdding(false);
    setChosen(null);
    notify(said);
    onChanged();
  };
  const join = async () => {
    setBusy(true);
    const { data: done, trouble: failed } = await change(AddMembersDocument, { input: { groupId, userIds: [person.id] } });
    const payload = done?.addGroupMembers;
    settle(failed, [...(payload?.userErrors ?? []), ...(payload?.results.flatMap(({ userErrors }) => userErrors) ?? [])], t("groups.joined"));
  };
  const leave = async (group: Group) => {
    setBusy(true);
    const { data: done, trouble: failed } = await change(RemoveMembersDocument, { input: { groupId: group.id, userIds: [person.id] } });
    const payload = done?.removeGroupMembers;
    settle(failed, [...(payload?.userErrors ?? []), ...(payload?.results.flatMap(({ userErrors }) => userErrors) ?? [])], t("groups.left"));
  };
  return (
    <Section
      title={t("groups.title")}
      action={
        mayGroup && !isAdding ? (
          <Button look="bare" isSmall onPress={() => setAdding(true)}>
            {t("groups.addTo")}
          </Button>
        ) : null
      }
    >
      {groups.length === 0 ? <p className="note">{t("groups.inNone")}</p> : null}
      <ul className="held">
        {groups.map((group) => (
          <li key={group.id} className="held-head">
            <Link href={`/groups/${group.id}`}>{group.name}</Link>
            {mayGroup ? (
              <Button look="bare" isSmall aria-label={`${t("bulk.leave")}: ${group.name}`} onPress={() => setLeaving(group)}>
                {t("bulk.leave")}
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
      {isAdding ? (
        <div className="form">
          {!fetching && others.length === 0 ? (
            <p className="note">{t("groups.noOther")}</p>
          ) : (
            <Choice label={t("groups.group")} value={groupId} onChange={setChosen} options={others.map(({ id, name }) => ({ value: id, label: name }))} />
          )}
          <div className="dialog-actions">
            <Button isSmall onPress={() => setAdding(false)}>
              {t("common.cancel")}
            </Button>
            <Button look="main" isSmall isPending={isBusy} isDisabled={!groupId} onPress={() => void join()}>
              {t("groups.addTo")}
            </Button>
          </div>
        </div>
      ) : null}
      <TroubleLine trouble={trouble} />
      <Refusals errors={refusals} />
      <Confirm
        title={t("groups.removeFrom", { group: leaving?.name ?? "" })}
        isOpen={leaving !== null}
        isHarm
        isBusy={isBusy}
        action={t("bulk.leave")}
        cancel={t("common.cancel")}
        onConfirm={() => {
          if (leaving) void leave(leaving);
        }}
        onClose={() => setLeaving(null)}
      >
        <p>{t("groups.leaveAdvice")}</p>
      </Confirm>
    </Section>
  );
}
