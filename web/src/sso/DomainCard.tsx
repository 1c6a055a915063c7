import { useEffect, useState } from "react";
import { RemoveDomainDocument, VerifyDomainDocument, type DomainFactsFragment, type DomainStatus } from "../api/generated/graphql.ts";
import { useAttempt } from "../api/attempt.tsx";
import { useChange } from "../api/change.ts";
import { Button } from "../design/Button.tsx";
import { CopyLine } from "../design/CopyLine.tsx";
import { Confirm } from "../design/Dialog.tsx";
import { notify } from "../design/notices.tsx";
import { Badge, type Tone } from "../design/states.tsx";
import { formatAgo, formatDay } from "../language/format.ts";
import { useText } from "../language/language.ts";
import { useMay } from "../session/viewer.ts";

const TONES: Record<DomainStatus, Tone> = { PENDING: "wait", VERIFIED: "good", FAILED: "bad", LAPSED: "bad" };
/** While somebody looks on, the record is looked for so often. */
const EVERY = 10_000;

/** A domain and how far its proof is. While it is not proven: what to publish, and whether it was found. */
export function DomainCard({ domain, mayRemove = false }: { domain: DomainFactsFragment; mayRemove?: boolean }) {
  const t = useText();
  const mayWrite = useMay("SSO_WRITE");
  const change = useChange();
  const { attempt, isBusy, problems } = useAttempt();
  const [isAsked, setAsked] = useState(false);
  const { id, name, status, record, verifiedAt, lastCheckedAt, lastCheckMessage } = domain;
  const isOpen = status !== "VERIFIED";
  const isLooked = isOpen && status !== "LAPSED" && mayWrite;
  const verify = () => void attempt(VerifyDomainDocument, { input: { domainId: id } }, (data) => data.verifyDomain);
  useEffect(() => {
    if (!isLooked) return;
    const timer = setInterval(() => {
      // What goes wrong with it is said when somebody asks for it themselves.
      if (document.visibilityState === "visible" && navigator.onLine) void change(VerifyDomainDocument, { input: { domainId: id } });
    }, EVERY);
    return () => clearInterval(timer);
  }, [isLooked, change, id]);
  const remove = async () => {
    const done = await attempt(RemoveDomainDocument, { input: { domainId: id } }, (data) => data.removeDomain);
    setAsked(false);
    if (done) notify(t("signOn.domainRemoved", { name }));
  };
  return (
    <article className="card sign-on-card">
      <div className="sign-on-head">
        <h3>{name}</h3>
        <span role="status">
          <Badge tone={TONES[status]}>{t(`signOn.domainStatus.${status}`)}</Badge>
        </span>
      </div>
      {isOpen ? (
        <>
          <p>{t("signOn.publish", { type: record.type })}</p>
          <CopyLine label={t("signOn.recordHost")} value={record.host} />
          <CopyLine label={t("signOn.recordValue")} value={record.value} />
          <p className="note" role="status">
            {lastCheckedAt ? t("signOn.checked", { when: formatAgo(lastCheckedAt) }) : t("signOn.notChecked")} {lastCheckMessage ? <span lang="en">{lastCheckMessage}</span> : null}
          </p>
        </>
      ) : (
        <p className="note">{verifiedAt ? t("signOn.provenSince", { day: formatDay(verifiedAt) }) : null}</p>
      )}
      {problems}
      {mayWrite ? (
        <div className="actions">
          {isOpen ? (
            <Button isSmall isPending={isBusy} onPress={verify}>
              {t("signOn.checkNow")}
            </Button>
          ) : null}
          {mayRemove ? (
            <Button isSmall look="harm" aria-label={t("signOn.removeDomain", { name })} onPress={() => setAsked(true)}>
              {t("signOn.giveUp")}
            </Button>
          ) : null}
        </div>
      ) : null}
      <Confirm title={t("signOn.removeDomain", { name })} isOpen={isAsked} isHarm isBusy={isBusy} action={t("signOn.giveUp")} cancel={t("common.cancel")} onConfirm={() => void remove()} onClose={() => setAsked(false)}>
        <p>{t("signOn.removeDomainAdvice")}</p>
      </Confirm>
    </article>
  );
}
