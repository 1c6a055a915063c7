import { useState, type SyntheticEvent } from "react";
import { useQuery } from "urql";
import { BuyableDocument, CreateSubscriptionDocument, type ContractHeadFragment } from "../api/generated/graphql.ts";
import { useAttempt } from "../api/attempt.tsx";
import { idempotencyKey } from "../api/change.ts";
import { troubleOf } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Dialog } from "../design/Dialog.tsx";
import { Check, Choice, TextInput } from "../design/fields.tsx";
import { notify } from "../design/notices.tsx";
import { Skeleton, TroubleLine } from "../design/states.tsx";
import { formatDay } from "../language/format.ts";
import { useText } from "../language/language.ts";
import { isTerm, isWhole, SEATS } from "./terms.ts";

interface BuyProps {
  contract: ContractHeadFragment;
  onClose: () => void;
  onDone: () => void;
}

/** One more product under a contract, paid for or on trial. */
export function BuyDialog({ contract, onClose, onDone }: BuyProps) {
  const t = useText();
  const [{ data, error, fetching }] = useQuery({ query: BuyableDocument });
  const { attempt, isBusy, problems } = useAttempt();
  const [chosen, choose] = useState<string | null>(null);
  const [seats, setSeats] = useState("");
  const [isTrial, setTrial] = useState(false);
  const [hasDays, setHasDays] = useState(false);
  const [startsOn, setStart] = useState("");
  const [endsOn, setEnd] = useState(contract.endsOn);
  const [isTried, setTried] = useState(false);
  // The same key until something else is asked for: whoever presses twice buys once.
  const [key, setKey] = useState({ of: "", key: "" });
  const products = data?.account.products?.nodes ?? [];
  const productId = chosen ?? products[0]?.id ?? "";
  const hasSeats = isWhole(seats, SEATS.least, SEATS.most);
  const hasTerm = !hasDays || isTerm(startsOn || contract.startsOn, endsOn);
  const buy = async (event: SyntheticEvent) => {
    event.preventDefault();
    setTried(true);
    if (!hasSeats || !hasTerm || !productId) return;
    const input = { contractId: contract.id, productId, seats: Number(seats), isTrial, ...(hasDays ? { startsOn: startsOn || null, endsOn } : {}) };
    const of = JSON.stringify(input);
    const used = key.of === of ? key : { of, key: idempotencyKey() };
    setKey(used);
    const done = await attempt(CreateSubscriptionDocument, { input: { ...input, idempotencyKey: used.key } }, (answer) => answer.createSubscription);
    if (!done?.subscription) return;
    notify(t("contracts.bought", { product: done.subscription.product.name }));
    onDone();
  };
  return (
    <Dialog title={t("contracts.buy")} isOpen isKept={isBusy} onClose={onClose}>
      <form className="form" onSubmit={(event) => void buy(event)} noValidate>
        {fetching ? <Skeleton /> : <Choice label={t("bulk.product")} value={productId} onChange={choose} options={products.map(({ id, name, code }) => ({ value: id, label: name, note: code }))} />}
        <TroubleLine trouble={error ? troubleOf(error) : null} />
        <TextInput inputMode="numeric" label={t("contracts.seats")} value={seats} onChange={setSeats} isRequired error={isTried && !hasSeats ? t("account.between", SEATS) : undefined} />
        <Check isSelected={isTrial} onChange={setTrial}>
          <span>{t("contracts.trial")}</span>
          <span className="note">{t("contracts.trialHelp")}</span>
        </Check>
        <Check isSelected={hasDays} onChange={setHasDays}>
          <span>{t("contracts.ownDays")}</span>
          <span className="note">{t("contracts.ownDaysHelp", { day: formatDay(contract.endsOn) })}</span>
        </Check>
        {hasDays ? (
          <>
            <TextInput type="date" label={t("contracts.firstDay")} help={t("contracts.firstDayHelp")} value={startsOn} onChange={setStart} min={contract.startsOn} max={endsOn} />
            <TextInput type="date" label={t("contracts.lastDay")} value={endsOn} onChange={setEnd} min={startsOn || contract.startsOn} max={contract.endsOn} error={isTried && !hasTerm ? t("contracts.termWrong") : undefined} />
          </>
        ) : null}
        {problems}
        <div className="dialog-actions">
          <Button onPress={onClose} isDisabled={isBusy}>
            {t("common.cancel")}
          </Button>
          <Button look="main" type="submit" isPending={isBusy} isDisabled={!productId}>
            {t("contracts.buyNow")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
