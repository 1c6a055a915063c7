import { useState, type SyntheticEvent } from "react";
import { CreateContractDocument, UpdateContractDocument, type ContractHeadFragment } from "../api/generated/graphql.ts";
import { useAttempt } from "../api/attempt.tsx";
import { Button } from "../design/Button.tsx";
import { Dialog } from "../design/Dialog.tsx";
import { Check, TextInput } from "../design/fields.tsx";
import { notify } from "../design/notices.tsx";
import { useText } from "../language/language.ts";
import { today } from "../products/days.ts";
import { isTerm, isWhole, MONTHS, yearFrom } from "./terms.ts";

interface ContractDialogProps {
  /** The one that is changed; none: it is made. */
  contract?: ContractHeadFragment;
  onClose: () => void;
  onDone: (id: string) => void;
  onStale?: () => void;
}

export function ContractDialog({ contract, onClose, onDone, onStale }: ContractDialogProps) {
  const t = useText();
  const { attempt, isBusy, problems } = useAttempt(onStale);
  const [number, setNumber] = useState(contract?.number ?? "");
  const [startsOn, setStart] = useState(contract?.startsOn ?? today());
  const [endsOn, setEnd] = useState(() => contract?.endsOn ?? yearFrom(today()));
  const [autoRenews, setRenews] = useState(contract?.autoRenews ?? false);
  const [months, setMonths] = useState(String(contract?.renewalMonths ?? 12));
  const [purchaserName, setPurchaser] = useState(contract?.purchaserName ?? "");
  const [resellerName, setReseller] = useState(contract?.resellerName ?? "");
  const [isTried, setTried] = useState(false);
  const hasNumber = number.trim() !== "";
  const hasTerm = isTerm(startsOn, endsOn);
  const hasMonths = isWhole(months, MONTHS.least, MONTHS.most);
  const save = async (event: SyntheticEvent) => {
    event.preventDefault();
    setTried(true);
    if (!hasNumber || !hasTerm || !hasMonths) return;
    const input = { number: number.trim(), startsOn, autoRenews, renewalMonths: Number(months), purchaserName: purchaserName.trim(), resellerName: resellerName.trim() };
    // The last day of a contract that is over is not set again by whoever corrects its number.
    const last = contract?.endsOn === endsOn ? {} : { endsOn };
    const done = contract
      ? await attempt(UpdateContractDocument, { input: { ...input, ...last, contractId: contract.id, expectedVersion: contract.version } }, (data) => data.updateContract)
      : await attempt(CreateContractDocument, { input: { ...input, endsOn } }, (data) => data.createContract);
    if (!done?.contract) return;
    notify(t(contract ? "contracts.saved" : "contracts.made", { number: done.contract.number }));
    onDone(done.contract.id);
  };
  return (
    <Dialog title={contract ? t("contracts.edit", { number: contract.number }) : t("contracts.new")} isOpen isKept={isBusy} onClose={onClose}>
      <form className="form" onSubmit={(event) => void save(event)} noValidate>
        <TextInput label={t("contracts.number")} help={t("contracts.numberHelp")} value={number} onChange={setNumber} maxLength={100} isRequired autoFocus error={isTried && !hasNumber ? t("contracts.numberMissing") : undefined} />
        <TextInput type="date" label={t("contracts.firstDay")} value={startsOn} onChange={setStart} />
        <TextInput type="date" label={t("contracts.lastDay")} value={endsOn} onChange={setEnd} min={startsOn} error={isTried && !hasTerm ? t("contracts.termWrong") : undefined} />
        <Check isSelected={autoRenews} onChange={setRenews}>
          <span>{t("contracts.autoRenews")}</span>
          <span className="note">{t("contracts.autoRenewsHelp")}</span>
        </Check>
        <TextInput inputMode="numeric" label={t("contracts.months")} help={t("contracts.monthsHelp")} value={months} onChange={setMonths} error={isTried && !hasMonths ? t("account.between", MONTHS) : undefined} />
        <TextInput label={t("contracts.purchaser")} value={purchaserName} onChange={setPurchaser} maxLength={200} />
        <TextInput label={t("contracts.reseller")} value={resellerName} onChange={setReseller} maxLength={200} />
        {problems}
        <div className="dialog-actions">
          <Button onPress={onClose} isDisabled={isBusy}>
            {t("common.cancel")}
          </Button>
          <Button look="main" type="submit" isPending={isBusy}>
            {t(contract ? "common.save" : "contracts.make")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
