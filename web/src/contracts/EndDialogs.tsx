import { useState, type SyntheticEvent } from "react";
import { RenewContractDocument, TerminateContractDocument, type ContractHeadFragment } from "../api/generated/graphql.ts";
import { useAttempt } from "../api/attempt.tsx";
import { Button } from "../design/Button.tsx";
import { Dialog } from "../design/Dialog.tsx";
import { Check, TextInput } from "../design/fields.tsx";
import { notify } from "../design/notices.tsx";
import { formatDay } from "../language/format.ts";
import { useText } from "../language/language.ts";
import { today } from "../products/days.ts";
import { isDay } from "./terms.ts";

interface EndProps {
  contract: ContractHeadFragment;
  onClose: () => void;
  onDone: () => void;
  onStale: () => void;
}

/** Another term: as long as it says, or to another day. */
export function RenewDialog({ contract, onClose, onDone, onStale }: EndProps) {
  const t = useText();
  const { attempt, isBusy, problems } = useAttempt(onStale);
  const [isOwn, setOwn] = useState(false);
  const [day, setDay] = useState("");
  const renew = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (isOwn && !isDay(day)) return;
    const done = await attempt(RenewContractDocument, { input: { contractId: contract.id, expectedVersion: contract.version, endsOn: isOwn ? day : null } }, (data) => data.renewContract);
    if (!done?.contract) return;
    notify(t("contracts.renewed", { number: done.contract.number, day: formatDay(done.contract.endsOn) }));
    onDone();
  };
  return (
    <Dialog title={t("contracts.renewOf", { number: contract.number })} isOpen isKept={isBusy} onClose={onClose}>
      <form className="form" onSubmit={(event) => void renew(event)} noValidate>
        <p>{t("contracts.renewAdvice", { day: formatDay(contract.endsOn), count: contract.renewalMonths })}</p>
        {contract.terminatedAt ? <p className="notice notice-wait">{t("contracts.takesBack")}</p> : null}
        <Check isSelected={isOwn} onChange={setOwn}>
          {t("contracts.toOwnDay")}
        </Check>
        {isOwn ? <TextInput type="date" label={t("contracts.lastDay")} value={day} onChange={setDay} min={contract.endsOn > today() ? contract.endsOn : today()} /> : null}
        {problems}
        <div className="dialog-actions">
          <Button onPress={onClose} isDisabled={isBusy}>
            {t("common.cancel")}
          </Button>
          <Button look="main" type="submit" isPending={isBusy} isDisabled={isOwn && !isDay(day)}>
            {t("contracts.renew")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** It ends: with its term, or earlier. */
export function TerminateDialog({ contract, onClose, onDone, onStale }: EndProps) {
  const t = useText();
  const { attempt, isBusy, problems } = useAttempt(onStale);
  const [isEarlier, setEarlier] = useState(false);
  const [day, setDay] = useState(contract.endsOn);
  const end = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (isEarlier && !isDay(day)) return;
    const done = await attempt(TerminateContractDocument, { input: { contractId: contract.id, expectedVersion: contract.version, on: isEarlier ? day : null } }, (data) => data.terminateContract);
    if (!done?.contract) return;
    notify(t("contracts.terminated", { number: done.contract.number, day: formatDay(done.contract.endsOn) }));
    onDone();
  };
  return (
    <Dialog title={t("contracts.terminateOf", { number: contract.number })} isOpen isKept={isBusy} onClose={onClose}>
      <form className="form" onSubmit={(event) => void end(event)} noValidate>
        <p>{t("contracts.terminateAdvice", { day: formatDay(contract.endsOn) })}</p>
        <Check isSelected={isEarlier} onChange={setEarlier}>
          {t("contracts.earlier")}
        </Check>
        {isEarlier ? <TextInput type="date" label={t("contracts.lastDay")} value={day} onChange={setDay} min={today()} max={contract.endsOn} /> : null}
        {problems}
        <div className="dialog-actions">
          <Button onPress={onClose} isDisabled={isBusy}>
            {t("common.cancel")}
          </Button>
          <Button look="harm" type="submit" isPending={isBusy} isDisabled={isEarlier && !isDay(day)}>
            {t("contracts.terminate")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
