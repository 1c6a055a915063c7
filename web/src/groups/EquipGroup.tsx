import { useState } from "react";
import { useQuery } from "urql";
import { EquipGroupDocument, SubscriptionsToGiveDocument, type SeatChangeFragment } from "../api/generated/graphql.ts";
import { useChange, type Refusal } from "../api/change.ts";
import { troubleOf, type Trouble } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Dialog } from "../design/Dialog.tsx";
import { Choices } from "../design/fields.tsx";
import { notify } from "../design/notices.tsx";
import { Refusals, Skeleton, TroubleLine } from "../design/states.tsx";
import { formatDay } from "../language/format.ts";
import { useText } from "../language/language.ts";
import type { FullGroup } from "./GroupPage.tsx";
import { SeatChanges } from "./SeatChanges.tsx";

/** What a group gives: chosen, seen in figures, then done. */
export function EquipGroup({ group, onClose }: { group: FullGroup; onClose: () => void }) {
  const t = useText();
  const change = useChange();
  const [{ data, error, fetching }] = useQuery({ query: SubscriptionsToGiveDocument, requestPolicy: "cache-and-network" });
  const given = group.subscriptions ?? [];
  const [chosen, setChosen] = useState<string[]>(() => given.map(({ id }) => id));
  const [seats, setSeats] = useState<readonly SeatChangeFragment[] | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  const [isBusy, setBusy] = useState(false);
  const known = data?.account.subscriptions?.nodes ?? [];
  // What it gives stays to be seen, and taken off, when its term is over.
  const over = given.filter(({ id }) => !known.some((one) => one.id === id));
  const options = [
    ...known.map(({ id, product, endsOn, seats: counts }) => ({ value: id, label: product.name, note: `${t("seats.free", { count: counts?.available ?? 0 })} · ${t("groups.until", { day: formatDay(endsOn) })}` })),
    ...over.map(({ id, product, endsOn }) => ({ value: id, label: product.name, note: t("groups.until", { day: formatDay(endsOn) }) })),
  ];
  const set = async (dryRun: boolean) => {
    setBusy(true);
    const { data: done, trouble: failed } = await change(EquipGroupDocument, { input: { groupId: group.id, subscriptionIds: chosen, dryRun, ...(dryRun ? {} : { expectedVersion: group.version ?? null }) }, isTrial: dryRun });
    setBusy(false);
    setTrouble(failed);
    const errors = done?.setGroupSubscriptions?.userErrors ?? [];
    setRefusals(errors);
    if (failed || errors.length > 0) return;
    if (dryRun) return setSeats(done?.setGroupSubscriptions?.seats ?? []);
    notify(t("person.saved"));
    onClose();
  };
  return (
    <Dialog title={t("groups.equip")} isOpen onClose={onClose} isKept={isBusy}>
      <div className="dialog-body">
        {seats ? (
          <>
            <p>{t("groups.wouldHappen")}</p>
            <SeatChanges seats={seats} />
          </>
        ) : fetching && !data ? (
          <Skeleton />
        ) : options.length === 0 ? (
          <p className="note">{t("products.none")}</p>
        ) : (
          <Choices label={t("groups.equipLabel")} help={t("groups.equipHelp")} options={options} value={chosen} onChange={setChosen} />
        )}
        <TroubleLine trouble={trouble ?? (error ? troubleOf(error) : null)} />
        <Refusals errors={refusals} />
      </div>
      <div className="dialog-actions">
        {seats ? (
          <>
            <Button onPress={() => setSeats(null)}>{t("common.back")}</Button>
            <Button look={seats.some(({ released }) => released > 0) ? "harm" : "main"} isPending={isBusy} onPress={() => void set(false)} autoFocus>
              {t("groups.equipDo")}
            </Button>
          </>
        ) : (
          <>
            <Button onPress={onClose}>{t("common.cancel")}</Button>
            <Button look="main" isPending={isBusy} isDisabled={!data} onPress={() => void set(true)}>
              {t("groups.preview")}
            </Button>
          </>
        )}
      </div>
    </Dialog>
  );
}
