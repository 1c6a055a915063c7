import { useState, type SyntheticEvent } from "react";
import { ApproveRequestsDocument, DeclineRequestsDocument, type BulkItemStatus, type WishFragment } from "../api/generated/graphql.ts";
import { useAttempt } from "../api/attempt.tsx";
import type { Refusal } from "../api/change.ts";
import { Button } from "../design/Button.tsx";
import { Dialog } from "../design/Dialog.tsx";
import { Check, TextArea } from "../design/fields.tsx";
import { Badge, sayRefusal, type Tone } from "../design/states.tsx";
import { useText } from "../language/language.ts";

interface DecideProps {
  step: "approve" | "decline";
  requests: WishFragment[];
  onClose: (isDone: boolean) => void;
}

interface Outcome {
  requestId: string;
  status: BulkItemStatus;
  userErrors: readonly (Refusal & { requested?: number; available?: number })[];
  waitlistEntry?: { position: number } | null;
}

const TONES: Record<BulkItemStatus, Tone> = { APPLIED: "good", UNCHANGED: "quiet", FAILED: "bad" };

/** What is decided and what those who asked are told; then what became of each. */
export function DecideDialog({ step, requests, onClose }: DecideProps) {
  const t = useText();
  const { attempt, isBusy, problems } = useAttempt();
  const [answer, setAnswer] = useState("");
  const [isWaiting, setWaiting] = useState(false);
  const [outcomes, setOutcomes] = useState<readonly Outcome[] | null>(null);
  const isApproval = step === "approve";
  const decide = async (event: SyntheticEvent) => {
    event.preventDefault();
    const input = { requestIds: requests.map(({ id }) => id), answer: answer.trim() || null };
    const done = isApproval
      ? await attempt(ApproveRequestsDocument, { input: { ...input, whenFull: isWaiting ? "WAITLIST" : "REFUSE" } }, (data) => data.approveAccessRequests)
      : await attempt(DeclineRequestsDocument, { input }, (data) => data.declineAccessRequests);
    if (done) setOutcomes(done.results);
  };
  const title = t(isApproval ? "requests.approveTitle" : "requests.declineTitle", { count: requests.length });
  if (outcomes) {
    const said = (one: Outcome) =>
      one.userErrors.length > 0
        ? one.userErrors.map((error) => `${sayRefusal(error)}${error.available === undefined ? "" : ` ${t("requests.seatsLeft", { requested: error.requested ?? 0, available: error.available })}`}`).join(" ")
        : one.waitlistEntry
          ? t("requests.waits", { position: one.waitlistEntry.position })
          : t(isApproval ? "requests.gotSeat" : "requests.gotNone");
    return (
      <Dialog title={title} isOpen onClose={() => onClose(true)}>
        <div className="dialog-body">
          {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, and the keyboard must be able to */}
          <div className="outcomes" tabIndex={0} role="region" aria-label={t("requests.outcomes")}>
            <ul>
              {outcomes.map((one) => {
                const request = requests.find(({ id }) => id === one.requestId);
                return (
                  <li key={one.requestId}>
                    <Badge tone={TONES[one.status]}>{t(`requests.outcome.${one.status}`)}</Badge> <strong>{request?.user.displayName}</strong> · {request?.product.name} <span>{said(one)}</span>
                  </li>
                );
              })}
            </ul>
          </div>
        </div>
        <div className="dialog-actions">
          <Button look="main" autoFocus onPress={() => onClose(true)}>
            {t("common.done")}
          </Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title={title} isOpen isKept={isBusy} onClose={() => onClose(false)}>
      <form className="form" onSubmit={(event) => void decide(event)}>
        <p>{t(isApproval ? "requests.approveAdvice" : "requests.declineAdvice")}</p>
        {isApproval ? (
          <Check isSelected={isWaiting} onChange={setWaiting}>
            {t("requests.whenFull")}
          </Check>
        ) : null}
        <TextArea label={t("requests.answer")} help={t("requests.answerHelp")} value={answer} onChange={setAnswer} maxLength={500} />
        {problems}
        <div className="dialog-actions">
          <Button onPress={() => onClose(false)} isDisabled={isBusy}>
            {t("common.cancel")}
          </Button>
          <Button look={isApproval ? "main" : "harm"} type="submit" isPending={isBusy}>
            {t(isApproval ? "requests.approve" : "requests.decline")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
