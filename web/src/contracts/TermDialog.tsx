import { useState, type SyntheticEvent } from "react";
import { UpdateSubscriptionDocument, type BoughtFragment, type ContractHeadFragment } from "../api/generated/graphql.ts";
import { useAttempt } from "../api/attempt.tsx";
import { Button } from "../design/Button.tsx";
import { Dialog } from "../design/Dialog.tsx";
import { TextInput } from "../design/fields.tsx";
import { notify } from "../design/notices.tsx";
import { useText } from "../language/language.ts";
import { today } from "../products/days.ts";
import { isDay } from "./terms.ts";

interface TermProps {
  one: BoughtFragment;
  contract: ContractHeadFragment;
  onClose: () => void;
  onDone: () => void;
  onStale: () => void;
}

/** Another last day; a trial becomes what is paid for, to the end of the contract unless somebody says otherwise. */
export function TermDialog({ one, contract, onClose, onDone, onStale }: TermProps) {
  const t = useText();
  const { attempt, isBusy, problems } = useAttempt(onStale);
  const [day, setDay] = useState(one.isTrial ? contract.endsOn : one.endsOn);
  const isEarlier = !one.isTrial && isDay(day) && day < one.endsOn;
  const save = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (!isDay(day)) return;
    const done = await attempt(UpdateSubscriptionDocument, { input: { subscriptionId: one.id, expectedVersion: one.version, endsOn: day, ...(one.isTrial ? { isTrial: false } : {}) } }, (data) => data.updateSubscription);
    if (!done) return;
    notify(t(one.isTrial ? "contracts.paid" : "contracts.termSaved", { product: one.product.name }));
    onDone();
  };
  return (
    <Dialog title={t(one.isTrial ? "contracts.payOf" : "contracts.termOf", { product: one.product.name })} isOpen isKept={isBusy} onClose={onClose}>
      <form className="form" onSubmit={(event) => void save(event)} noValidate>
        {one.isTrial ? <p>{t("contracts.payAdvice")}</p> : null}
        <TextInput type="date" label={t("contracts.lastDay")} value={day} onChange={setDay} min={today()} max={contract.endsOn} />
        {isEarlier ? <p className="notice notice-wait">{t("contracts.endsEarlier")}</p> : null}
        {problems}
        <div className="dialog-actions">
          <Button onPress={onClose} isDisabled={isBusy}>
            {t("common.cancel")}
          </Button>
          <Button look={isEarlier ? "harm" : "main"} type="submit" isPending={isBusy} isDisabled={!isDay(day) || (!one.isTrial && day === one.endsOn)}>
            {t(one.isTrial ? "contracts.pay" : "common.save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
