import { useState } from "react";
import { GiveSeatsDocument, type ProductHeadFragment, type WhenFull } from "../api/generated/graphql.ts";
import { idempotencyKey, useChange, type Refusal } from "../api/change.ts";
import type { Trouble } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Dialog } from "../design/Dialog.tsx";
import { Radios, TextInput } from "../design/fields.tsx";
import { notify } from "../design/notices.tsx";
import { Badge, Refusals, sayRefusal, TroubleLine } from "../design/states.tsx";
import { useText } from "../language/language.ts";
import { countMeant, MOST_MATCHING, NOBODY_MEANT, PickPeople, type Meant } from "../people/PickPeople.tsx";
import { ComponentChoices, usualOf } from "./ComponentChoices.tsx";
import { today } from "./days.ts";

interface AssignProps {
  id: string;
  product: ProductHeadFragment;
  onClose: (isDone?: boolean) => void;
  onJob: (id: string) => void;
}

interface Given {
  applied: number;
  waiting: number;
  failed: { name: string; errors: readonly Refusal[] }[];
}

/** Seats of one product, to some people or to all who match. */
export function AssignDialog({ id, product, onClose, onJob }: AssignProps) {
  const t = useText();
  const change = useChange();
  const [meant, setMeant] = useState<Meant>(NOBODY_MEANT);
  // Nothing is named until somebody chooses, so that the defaults of the server stand.
  const [parts, setParts] = useState<string[] | null>(null);
  const [day, setDay] = useState("");
  const [whenFull, setWhenFull] = useState<WhenFull>("REFUSE");
  const [given, setGiven] = useState<Given | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  const [isBusy, setBusy] = useState(false);
  const count = countMeant(meant);
  const free = product.seats?.available ?? 0;
  const give = async () => {
    setBusy(true);
    const who = meant.kind === "some" ? { userIds: meant.people.map((person) => person.id) } : { userFilter: meant.filter };
    const input = { sources: [{ productId: id }], ...who, componentIds: parts, expiresOn: day || null, whenFull, onError: "SKIP_FAILED" as const, idempotencyKey: idempotencyKey() };
    const { data, trouble: failed } = await change(GiveSeatsDocument, { input });
    setBusy(false);
    setTrouble(failed);
    const payload = data?.assignSeats;
    setRefusals(payload?.userErrors ?? []);
    if (!payload || payload.userErrors.length > 0) return;
    if (payload.job) return onJob(payload.job.id);
    const left = payload.results.filter(({ status }) => status === "FAILED");
    const waiting = payload.results.filter(({ waitlistEntry }) => waitlistEntry).length;
    const applied = payload.results.filter(({ assignment, status }) => assignment && status === "APPLIED").length;
    if (left.length === 0 && waiting === 0) {
      notify(t("products.given", { count: applied }));
      return onClose(true);
    }
    const nameOfUser = (userId: string) => (meant.kind === "some" ? meant.people.find((person) => person.id === userId)?.displayName : undefined) ?? userId;
    setGiven({ applied, waiting, failed: left.map(({ userId, userErrors }) => ({ name: nameOfUser(userId), errors: userErrors })) });
  };
  if (given) {
    return (
      <Dialog title={t("products.assignTitle", { product: product.name })} isOpen onClose={() => onClose(true)}>
        <div className="dialog-body">
          <ul className="tally">
            <li>
              <Badge tone="good">{t("bulk.applied", { count: given.applied })}</Badge>
            </li>
            <li>
              <Badge tone={given.waiting > 0 ? "wait" : "quiet"}>{t("seats.waiting", { count: given.waiting })}</Badge>
            </li>
            <li>
              <Badge tone={given.failed.length > 0 ? "bad" : "quiet"}>{t("bulk.failed", { count: given.failed.length })}</Badge>
            </li>
          </ul>
          {given.failed.length > 0 ? (
            // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, and the keyboard must be able to
            <div className="outcomes" tabIndex={0} role="region" aria-label={t("bulk.failures")}>
              <ul>
                {given.failed.map(({ name, errors }) => (
                  <li key={name}>
                    <strong>{name}</strong> <span>{errors.map(sayRefusal).join(" ")}</span>
                  </li>
                ))}
              </ul>
            </div>
          ) : null}
        </div>
        <div className="dialog-actions">
          <Button look="main" onPress={() => onClose(true)} autoFocus>
            {t("common.done")}
          </Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title={t("products.assignTitle", { product: product.name })} isOpen onClose={() => onClose()} isKept={isBusy}>
      <div className="dialog-body">
        <PickPeople among={{ withoutProductId: id, status: ["ACTIVE", "PENDING", "STAGED"] }} meant={meant} onChange={setMeant} />
        <ComponentChoices components={product.components} value={parts ?? usualOf(product.components)} onChange={setParts} />
        <TextInput type="date" label={t("products.expiresOn")} help={t("products.expiresOnHelp")} value={day} onChange={setDay} min={today()} />
        <Radios
          label={t("products.whenFull")}
          value={whenFull}
          onChange={setWhenFull}
          isInRow
          options={[
            { value: "REFUSE", label: t("products.whenFullRefuse") },
            { value: "WAITLIST", label: t("products.whenFullWait") },
          ]}
        />
        {count > free ? <p className="notice notice-wait">{whenFull === "WAITLIST" ? t("products.someWait", { free, count }) : t("bulk.tooFew", { free, count })}</p> : null}
        {count > MOST_MATCHING ? <p className="notice notice-wait">{t("pick.tooMany", { count: MOST_MATCHING })}</p> : null}
        <TroubleLine trouble={trouble} />
        <Refusals errors={refusals} />
      </div>
      <div className="dialog-actions">
        <Button onPress={() => onClose()} isDisabled={isBusy}>
          {t("common.cancel")}
        </Button>
        <Button look="main" isPending={isBusy} isDisabled={count === 0 || count > MOST_MATCHING} onPress={() => void give()}>
          {t("products.assignDo", { count })}
        </Button>
      </div>
    </Dialog>
  );
}
