import { useEffect, useState } from "react";
import { useLocation } from "wouter";
import { DeleteGroupDocument, type SeatChangeFragment } from "../api/generated/graphql.ts";
import { useChange, type Refusal } from "../api/change.ts";
import type { Trouble } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Dialog } from "../design/Dialog.tsx";
import { notify } from "../design/notices.tsx";
import { Refusals, Skeleton, TroubleLine } from "../design/states.tsx";
import { useText } from "../language/language.ts";
import type { FullGroup } from "./GroupPage.tsx";
import { SeatChanges } from "./SeatChanges.tsx";

/** Says what becomes free before anything does. */
export function DeleteGroup({ group, onClose }: { group: FullGroup; onClose: () => void }) {
  const t = useText();
  const change = useChange();
  const [, navigate] = useLocation();
  const [seats, setSeats] = useState<readonly SeatChangeFragment[] | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    void change(DeleteGroupDocument, { input: { groupId: group.id, dryRun: true } }).then(({ data, trouble: failed }) => {
      setTrouble(failed);
      setRefusals(data?.deleteGroup?.userErrors ?? []);
      if (data) setSeats(data.deleteGroup?.seats ?? []);
    });
  }, [change, group.id]);
  const remove = async () => {
    setBusy(true);
    const { data, trouble: failed } = await change(DeleteGroupDocument, { input: { groupId: group.id } });
    setBusy(false);
    setTrouble(failed);
    const errors = data?.deleteGroup?.userErrors ?? [];
    setRefusals(errors);
    if (failed || errors.length > 0) return;
    notify(t("groups.deleted", { group: group.name ?? "" }));
    navigate("/groups");
  };
  return (
    <Dialog title={t("groups.deleteTitle", { group: group.name ?? "" })} isOpen onClose={onClose} isKept={isBusy}>
      <div className="dialog-body">
        <p>{t("groups.deleteAdvice", { count: group.memberCount ?? 0 })}</p>
        {seats ? <SeatChanges seats={seats} isTaking /> : trouble ? null : <Skeleton />}
        <TroubleLine trouble={trouble} />
        <Refusals errors={refusals} />
      </div>
      <div className="dialog-actions">
        <Button onPress={onClose} isDisabled={isBusy}>
          {t("common.cancel")}
        </Button>
        <Button look="harm" isPending={isBusy} isDisabled={seats === null || refusals.length > 0} onPress={() => void remove()}>
          {t("groups.delete")}
        </Button>
      </div>
    </Dialog>
  );
}
