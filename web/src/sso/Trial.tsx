import { useEffect, useState } from "react";
import { useClient } from "urql";
import { StartTrialDocument, TrialDocument, type SsoTestStatus, type TrialFactsFragment } from "../api/generated/graphql.ts";
import { useAttempt } from "../api/attempt.tsx";
import { Button } from "../design/Button.tsx";
import { Icon } from "../design/icons.tsx";
import { Badge, type Tone } from "../design/states.tsx";
import { formatAgo } from "../language/format.ts";
import { nameOf, useText } from "../language/language.ts";
import { useMay } from "../session/viewer.ts";
import type { FullProvider } from "./ProviderPage.tsx";

const TONES: Record<SsoTestStatus, Tone> = { STARTED: "wait", PASSED: "good", FAILED: "bad", EXPIRED: "quiet" };
/** While a trial waits for somebody to sign in, it is looked at so often. */
const EVERY = 2_000;

/** A whole sign-in that lets nobody in: started here, done in another window, and told of here step by step. */
export function Trial({ provider }: { provider: FullProvider }) {
  const t = useText();
  const client = useClient();
  const mayWrite = useMay("SSO_WRITE");
  const { attempt, isBusy, problems } = useAttempt();
  const [link, setLink] = useState<{ trial: string; url: string } | null>(null);
  const trial = provider.lastTest ?? null;
  const isWaiting = trial?.status === "STARTED";
  useEffect(() => {
    if (!isWaiting) return;
    const timer = setInterval(() => {
      if (navigator.onLine) void client.query(TrialDocument, { id: provider.id }, { requestPolicy: "network-only" }).toPromise();
    }, EVERY);
    return () => clearInterval(timer);
  }, [isWaiting, client, provider.id]);
  const start = async () => {
    const started = await attempt(StartTrialDocument, { input: { identityProviderId: provider.id } }, (data) => data.startSsoTest);
    if (!started?.test || !started.testUrl) return;
    setLink({ trial: started.test.id, url: started.testUrl });
    // The provider's latest trial is this one.
    await client.query(TrialDocument, { id: provider.id }, { requestPolicy: "network-only" }).toPromise();
  };
  const isOpen = isWaiting && link?.trial === trial.id;
  return (
    <>
      <p>{t("signOn.trialAdvice")}</p>
      {problems}
      {mayWrite ? (
        <div className="actions">
          {isOpen ? (
            <a className="button button-main" href={link.url} target="_blank" rel="noreferrer">
              {t("signOn.openTrial")}
            </a>
          ) : null}
          <Button look={provider.status === "DRAFT" && !isOpen ? "main" : "plain"} isPending={isBusy} isDisabled={provider.clientId === ""} onPress={() => void start()}>
            {trial ? t("signOn.trialAgain") : t("signOn.startTrial")}
          </Button>
        </div>
      ) : null}
      {trial ? <Outcome trial={trial} /> : null}
    </>
  );
}

function Outcome({ trial }: { trial: TrialFactsFragment }) {
  const t = useText();
  const { status, startedAt, steps, claims } = trial;
  return (
    <div className="form">
      <p role="status">
        <Badge tone={TONES[status]}>{t(`signOn.trialStatus.${status}`)}</Badge> <span className="note">{formatAgo(startedAt)}</span>
      </p>
      {steps.length > 0 ? (
        <ol className="trial-steps">
          {steps.map(({ name, isPassed, message }) => (
            <li key={name} data-failed={isPassed ? undefined : true}>
              <Icon name={isPassed ? "check" : "warn"} />
              <span>
                {nameOf("signOn.trialStep", name)} <span className="unseen">{isPassed ? t("signOn.stepPassed") : t("signOn.stepFailed")}</span>
                {message ? (
                  <span className="note trial-message" lang="en">
                    {message}
                  </span>
                ) : null}
              </span>
            </li>
          ))}
        </ol>
      ) : null}
      {claims.length > 0 ? (
        <details>
          <summary>{t("signOn.claims", { count: claims.length })}</summary>
          {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, and the keyboard must be able to */}
          <div className="scroll-x" tabIndex={0} role="region" aria-label={t("signOn.claims", { count: claims.length })}>
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">{t("signOn.claim.name")}</th>
                  <th scope="col">{t("signOn.claim.value")}</th>
                  <th scope="col">{t("signOn.claim.use")}</th>
                </tr>
              </thead>
              <tbody>
                {claims.map(({ name, maskedValue, isUsed }) => (
                  <tr key={name}>
                    <th scope="row">
                      <code>{name}</code>
                    </th>
                    <td>{maskedValue}</td>
                    <td>{isUsed ? t("signOn.claim.used") : <span className="note">{t("signOn.claim.unused")}</span>}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </details>
      ) : null}
    </div>
  );
}
