import { useState, type SyntheticEvent } from "react";
import { UpdateSubscriptionDocument, type BoughtFragment } from "../api/generated/graphql.ts";
import { useAttempt } from "../api/attempt.tsx";
import { Button } from "../design/Button.tsx";
import { Dialog } from "../design/Dialog.tsx";
import { Radios, TextInput } from "../design/fields.tsx";
import { notify } from "../design/notices.tsx";
import { useText } from "../language/language.ts";
import { isWhole, SEATS } from "./terms.ts";

interface SeatsProps {
  one: BoughtFragment;
  onClose: () => void;
  onDone: () => void;
  onStale: () => void;
}

/** More seats, and fewer: now, or from the next term on. */
export function SeatsDialog({ one, onClose, onDone, onStale }: SeatsProps) {
  const t = useText();
  const { attempt, isBusy, problems } = useAttempt(onStale);
  const [text, setText] = useState(String(one.nextSeats ?? one.seats?.total ?? ""));
  const [when, setWhen] = useState<"now" | "next">(one.nextSeats === null || one.nextSeats === undefined ? "now" : "next");
  const [refused, setRefused] = useState<{ requested: number; used: number } | null>(null);
  const isGood = isWhole(text, SEATS.least, SEATS.most);
  const used = one.seats?.used ?? 0;
  const total = one.seats?.total ?? 0;
  const isLess = isGood && Number(text) < total;
  const save = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (!isGood) return;
    setRefused(null);
    const done = await attempt(UpdateSubscriptionDocument, { input: { subscriptionId: one.id, expectedVersion: one.version, seats: Number(text), atNextTerm: when === "next" } }, (data) => {
      const held = data.updateSubscription?.userErrors.find((error) => "requested" in error && "used" in error);
      if (held) setRefused(held);
      return data.updateSubscription;
    });
    if (!done) return;
    notify(t("contracts.seatsSaved", { product: one.product.name }));
    onDone();
  };
  return (
    <Dialog title={t("contracts.seatsOf", { product: one.product.name })} isOpen isKept={isBusy} onClose={onClose}>
      <form className="form" onSubmit={(event) => void save(event)} noValidate>
        <p>{t("contracts.seatsNow", { total, used })}</p>
        <TextInput inputMode="numeric" label={t("contracts.seats")} value={text} onChange={setText} autoFocus error={isGood ? undefined : t("account.between", SEATS)} />
        <Radios
          label={t("contracts.when")}
          value={when}
          onChange={setWhen}
          options={[
            { value: "now", label: t("contracts.now"), note: t("contracts.nowHelp") },
            { value: "next", label: t("contracts.next"), note: t("contracts.nextHelp") },
          ]}
        />
        {isLess ? <p className="notice notice-wait">{when === "now" && Number(text) < used ? t("contracts.tooFew", { used }) : t("contracts.fewer")}</p> : null}
        {problems}
        {refused ? (
          <div className="notice notice-bad contracts-refused">
            <p>{t("contracts.held", refused)}</p>
            <Button isSmall onPress={() => setWhen("next")}>
              {t("contracts.next")}
            </Button>
          </div>
        ) : null}
        <div className="dialog-actions">
          <Button onPress={onClose} isDisabled={isBusy}>
            {t("common.cancel")}
          </Button>
          <Button look="main" type="submit" isPending={isBusy} isDisabled={!isGood}>
            {t("common.save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
