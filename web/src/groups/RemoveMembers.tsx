import { useEffect, useState } from "react";
import { RemoveMembersDocument, type SeatChangeFragment, type UserFilter } from "../api/generated/graphql.ts";
import { useChange, type Refusal } from "../api/change.ts";
import type { Trouble } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Dialog } from "../design/Dialog.tsx";
import { notify } from "../design/notices.tsx";
import { Refusals, Skeleton, TroubleLine } from "../design/states.tsx";
import { useText } from "../language/language.ts";
import { MOST_MATCHING, MOST_NAMED } from "../people/PickPeople.tsx";
import { count as countOf, type Selection } from "../people/selection.ts";
import type { FullGroup } from "./GroupPage.tsx";
import { SeatChanges } from "./SeatChanges.tsx";

interface RemoveProps {
  group: FullGroup;
  selection: Selection;
  filter: UserFilter;
  matching: number;
  onClose: (isDone?: boolean) => void;
  onJob: (id: string) => void;
}

/** As many as one call takes: a hundred by name, or all who match. */
export function RemoveMembers({ group, selection, filter, matching, onClose, onJob }: RemoveProps) {
  const t = useText();
  const change = useChange();
  const [seats, setSeats] = useState<readonly SeatChangeFragment[] | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  const [isBusy, setBusy] = useState(false);
  const count = countOf(selection, matching);
  const isTooMany = selection.kind === "some" ? count > MOST_NAMED : count > MOST_MATCHING || selection.except.size > 0;
  const [who] = useState(() => (selection.kind === "some" ? { userIds: [...selection.people.keys()] } : { userFilter: filter }));
  useEffect(() => {
    if (isTooMany) return;
    void change(RemoveMembersDocument, { input: { groupId: group.id, ...who, dryRun: true }, isTrial: true }).then(({ data, trouble: failed }) => {
      setTrouble(failed);
      setRefusals(data?.removeGroupMembers?.userErrors ?? []);
      if (data) setSeats(data.removeGroupMembers?.seats ?? []);
    });
  }, [change, group.id, who, isTooMany]);
  const remove = async () => {
    setBusy(true);
    const { data, trouble: failed } = await change(RemoveMembersDocument, { input: { groupId: group.id, ...who } });
    setBusy(false);
    setTrouble(failed);
    const payload = data?.removeGroupMembers;
    const errors = [...(payload?.userErrors ?? []), ...(payload?.results.flatMap(({ userErrors }) => userErrors) ?? [])];
    setRefusals(errors);
    if (payload?.job) return onJob(payload.job.id);
    if (failed || errors.length > 0) return;
    notify(t("groups.removed", { count: payload?.summary.applied ?? 0 }));
    onClose(true);
  };
  return (
    <Dialog title={t("bulk.leaveTitle", { count })} isOpen onClose={() => onClose()} isKept={isBusy}>
      <div className="dialog-body">
        <p>{t("groups.leaveAdvice")}</p>
        {isTooMany ? <p className="notice notice-wait">{t("pick.tooManyNamed", { count: MOST_NAMED })}</p> : seats ? <SeatChanges seats={seats} isTaking /> : trouble ? null : <Skeleton />}
        <TroubleLine trouble={trouble} />
        <Refusals errors={refusals} />
      </div>
      <div className="dialog-actions">
        <Button onPress={() => onClose()} isDisabled={isBusy}>
          {t("common.cancel")}
        </Button>
        <Button look="harm" isPending={isBusy} isDisabled={seats === null} onPress={() => void remove()}>
          {t("bulk.leave")}
        </Button>
      </div>
    </Dialog>
  );
}
