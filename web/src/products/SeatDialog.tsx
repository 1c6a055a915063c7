import { useState } from "react";
import { Link } from "wouter";
import { ChangeSeatDocument, TakeSeatsDocument, type HeldSeatFragment, type ProductHeadFragment } from "../api/generated/graphql.ts";
import { useChange, type Refusal } from "../api/change.ts";
import type { Trouble } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Dialog } from "../design/Dialog.tsx";
import { Check, TextInput } from "../design/fields.tsx";
import { notify } from "../design/notices.tsx";
import { Refusals, TroubleLine } from "../design/states.tsx";
import { formatDay, formatList } from "../language/format.ts";
import { useText } from "../language/language.ts";
import { ComponentChoices } from "./ComponentChoices.tsx";
import { today } from "./days.ts";

interface SeatProps {
  seat: HeldSeatFragment;
  id: string;
  product: ProductHeadFragment;
  mayAssign: boolean;
  onClose: (isGone: boolean) => void;
}

/** One seat: its parts, its last day, and the way to take it back. */
export function SeatDialog({ seat, id, product, mayAssign, onClose }: SeatProps) {
  const t = useText();
  const change = useChange();
  const [parts, setParts] = useState(() => seat.components.filter(({ isEnabled }) => isEnabled).map(({ component }) => component.id));
  const [hasEnd, setHasEnd] = useState(Boolean(seat.expiresOn));
  const [day, setDay] = useState(seat.expiresOn ?? "");
  const [isAsked, setAsked] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  const [isBusy, setBusy] = useState(false);
  const { user } = seat;
  const settle = (failed: Trouble | null, errors: readonly Refusal[]) => {
    setBusy(false);
    setTrouble(failed);
    setRefusals(errors);
    setAsked(false);
    return !failed && errors.length === 0;
  };
  const save = async () => {
    setBusy(true);
    const end = hasEnd && day ? { expiresOn: day } : { neverExpires: true };
    const { data, trouble: failed } = await change(ChangeSeatDocument, { input: { assignmentId: seat.id, expectedVersion: seat.version, componentIds: parts, ...end } });
    if (!settle(failed, data?.customizeAssignment?.userErrors ?? [])) return;
    notify(t("person.saved"));
    onClose(false);
  };
  const take = async () => {
    setBusy(true);
    const { data, trouble: failed } = await change(TakeSeatsDocument, { input: { assignmentIds: [seat.id] } });
    const payload = data?.unassignSeats;
    if (!settle(failed, [...(payload?.userErrors ?? []), ...(payload?.results.flatMap(({ userErrors }) => userErrors) ?? [])])) return;
    notify(payload?.results.some(({ stays }) => stays) ? t("products.stays") : t("person.productTaken"));
    onClose(true);
  };
  if (isAsked) {
    return (
      <Dialog title={`${t("bulk.take")}: ${product.name}`} isOpen onClose={() => setAsked(false)} isKept={isBusy}>
        <div className="dialog-body">
          <p>{t("person.takeAdvice", { name: user.displayName, product: product.name })}</p>
        </div>
        <div className="dialog-actions">
          <Button onPress={() => setAsked(false)}>{t("common.cancel")}</Button>
          <Button look="harm" isPending={isBusy} onPress={() => void take()}>
            {t("bulk.take")}
          </Button>
        </div>
      </Dialog>
    );
  }
  const known = new Map(product.components.map((component) => [component.id, component]));
  return (
    <Dialog title={user.displayName} isOpen onClose={() => onClose(false)} isKept={isBusy}>
      <div className="dialog-body">
        <p className="note">
          {product.name} · {t("person.since", { day: formatDay(seat.assignedAt) })}
        </p>
        {seat.groups && seat.groups.length > 0 ? <p className="note">{t("products.byGroups", { groups: formatList(seat.groups.map(({ name }) => name)) })}</p> : null}
        {mayAssign ? (
          <>
            <ComponentChoices components={seat.components.map(({ component }) => known.get(component.id) ?? { ...component, isEnabledByDefault: false })} value={parts} onChange={setParts} />
            <Check isSelected={hasEnd} onChange={setHasEnd}>
              {t("products.hasEnd")}
            </Check>
            {hasEnd ? <TextInput type="date" label={t("products.expiresOn")} help={t("products.expiresOnHelp")} value={day} onChange={setDay} min={today()} /> : null}
          </>
        ) : null}
        <Link href={`/people/${user.id}?product=${id}`}>{t("products.toPerson")}</Link>
        <TroubleLine trouble={trouble} />
        <Refusals errors={refusals} />
      </div>
      <div className="dialog-actions">
        {mayAssign ? (
          <Button look="harm" onPress={() => setAsked(true)}>
            {t("bulk.take")}
          </Button>
        ) : null}
        <Button onPress={() => onClose(false)}>{t("common.cancel")}</Button>
        {mayAssign ? (
          <Button look="main" isPending={isBusy} isDisabled={hasEnd && !day} onPress={() => void save()}>
            {t("common.save")}
          </Button>
        ) : null}
      </div>
    </Dialog>
  );
}
