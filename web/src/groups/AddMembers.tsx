import { useState } from "react";
import { AddMembersDocument, type SeatChangeFragment } from "../api/generated/graphql.ts";
import { useChange, type Refusal } from "../api/change.ts";
import type { Trouble } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Dialog } from "../design/Dialog.tsx";
import { notify } from "../design/notices.tsx";
import { Refusals, TroubleLine } from "../design/states.tsx";
import { useText } from "../language/language.ts";
import { countMeant, MOST_MATCHING, NOBODY_MEANT, PickPeople, type Meant } from "../people/PickPeople.tsx";
import type { FullGroup } from "./GroupPage.tsx";
import { SeatChanges } from "./SeatChanges.tsx";

interface AddProps {
  group: FullGroup;
  onClose: (isDone?: boolean) => void;
  onJob: (id: string) => void;
}

/** People come in by name, or all who match; what that comes to in seats is seen first. */
export function AddMembers({ group, onClose, onJob }: AddProps) {
  const t = useText();
  const change = useChange();
  const [meant, setMeant] = useState<Meant>(NOBODY_MEANT);
  const [seats, setSeats] = useState<readonly SeatChangeFragment[] | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  const [isBusy, setBusy] = useState(false);
  const count = countMeant(meant);
  const add = async (dryRun: boolean) => {
    setBusy(true);
    const who = meant.kind === "some" ? { userIds: meant.people.map(({ id }) => id) } : { userFilter: meant.filter };
    const { data, trouble: failed } = await change(AddMembersDocument, { input: { groupId: group.id, ...who, dryRun }, isTrial: dryRun });
    setBusy(false);
    setTrouble(failed);
    const payload = data?.addGroupMembers;
    const errors = [...(payload?.userErrors ?? []), ...(payload?.results.flatMap(({ userErrors }) => userErrors) ?? [])];
    setRefusals(errors);
    if (failed || !payload) return;
    if (dryRun) {
      if (payload.userErrors.length === 0) setSeats(payload.seats ?? []);
      return;
    }
    if (payload.job) return onJob(payload.job.id);
    if (errors.length > 0) return;
    notify(t("groups.added", { count: payload.summary.applied }));
    onClose(true);
  };
  return (
    <Dialog title={t("groups.add")} isOpen onClose={() => onClose()} isKept={isBusy}>
      <div className="dialog-body">
        {seats ? (
          <>
            <p>{t("groups.wouldAdd", { count })}</p>
            <SeatChanges seats={seats} />
          </>
        ) : (
          <PickPeople among={{ status: ["ACTIVE", "PENDING", "STAGED"] }} meant={meant} onChange={setMeant} />
        )}
        {count > MOST_MATCHING ? <p className="notice notice-wait">{t("pick.tooMany", { count: MOST_MATCHING })}</p> : null}
        <TroubleLine trouble={trouble} />
        <Refusals errors={refusals} />
      </div>
      <div className="dialog-actions">
        {seats ? (
          <>
            <Button onPress={() => setSeats(null)}>{t("common.back")}</Button>
            <Button look="main" isPending={isBusy} onPress={() => void add(false)} autoFocus>
              {t("groups.addDo", { count })}
            </Button>
          </>
        ) : (
          <>
            <Button onPress={() => onClose()}>{t("common.cancel")}</Button>
            <Button look="main" isPending={isBusy} isDisabled={count === 0 || count > MOST_MATCHING} onPress={() => void add(true)}>
              {t("groups.preview")}
            </Button>
          </>
        )}
      </div>
    </Dialog>
  );
}
