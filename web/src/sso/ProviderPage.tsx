import type { ReactNode } from "react";
import { useQuery } from "urql";
import { Link } from "wouter";
import { ProviderDocument, type ProviderQuery } from "../api/generated/graphql.ts";
import { troubleOf } from "../api/trouble.ts";
import { CopyLine } from "../design/CopyLine.tsx";
import { Icon } from "../design/icons.tsx";
import { Badge, Empty, Failure, Skeleton, Title } from "../design/states.tsx";
import { formatAgo } from "../language/format.ts";
import { useText } from "../language/language.ts";
import { useMay } from "../session/viewer.ts";
import { Admission } from "./Admission.tsx";
import { Connect } from "./Connect.tsx";
import { DeleteProvider } from "./DeleteProvider.tsx";
import { isDone, nextOf, STATUS_TONES, STEPS, type Step } from "./steps.ts";
import { SwitchOn } from "./SwitchOn.tsx";
import { Trial } from "./Trial.tsx";

export type FullProvider = NonNullable<ProviderQuery["identityProvider"]>;
export type ProviderAccount = ProviderQuery["account"];

/** One provider: the steps until it signs people in, and, from then on, all that can be changed of it. */
export function ProviderPage({ id }: { id: string }) {
  const t = useText();
  const [{ data, error, fetching }, again] = useQuery({ query: ProviderDocument, variables: { id }, requestPolicy: "cache-and-network" });
  const provider = data?.identityProvider;
  const mayReadLog = useMay("AUDIT_READ");
  const retry = () => again({ requestPolicy: "network-only" });
  const crumb = (
    <Link href="/single-sign-on" className="crumb">
      {t("signOn.title")}
    </Link>
  );
  if (!provider) {
    return (
      <>
        <Title>{t("signOn.provider")}</Title>
        {error ? <Failure trouble={troubleOf(error)} onRetry={retry} /> : fetching ? <Skeleton lines={8} /> : <Empty title={t("signOn.absent")} action={crumb} />}
      </>
    );
  }
  const next = nextOf(provider);
  const parts: Record<Step, ReactNode> = {
    addresses: <Addresses provider={provider} />,
    connect: <Connect provider={provider} onStale={retry} />,
    trial: <Trial provider={provider} />,
    switchOn: <SwitchOn provider={provider} account={data.account} onStale={retry} />,
  };
  return (
    <>
      <div className="head">
        <div>
          {crumb}
          <Title>{provider.name}</Title>
          <p className="sign-on-address">{provider.issuer}</p>
        </div>
        <p role="status">
          <Badge tone={STATUS_TONES[provider.status]}>{t(`signOn.status.${provider.status}`)}</Badge> <span className="note">{provider.lastSignInAt ? t("signOn.lastSignIn", { when: formatAgo(provider.lastSignInAt) }) : null}</span>{" "}
          {mayReadLog ? <Link href={`/audit?target=${id}`}>{t("audit.history")}</Link> : null}
        </p>
      </div>
      <ol className="sign-on-steps">
        {STEPS.map((step) => (
          <li key={step} className="card sign-on-step" data-done={isDone(step, provider) || undefined} aria-current={step === next ? "step" : undefined}>
            <div className="sign-on-head">
              <h2>{t(`signOn.step.${step}`)}</h2>
              {isDone(step, provider) ? (
                <span className="sign-on-done">
                  <Icon name="check" />
                  {t("signOn.done")}
                </span>
              ) : null}
            </div>
            {parts[step]}
          </li>
        ))}
      </ol>
      <Admission provider={provider} account={data.account} onStale={retry} />
      <DeleteProvider provider={provider} />
    </>
  );
}

function Addresses({ provider }: { provider: FullProvider }) {
  const t = useText();
  return (
    <>
      <p>{t("signOn.addressesAdvice")}</p>
      <CopyLine label={t("signOn.redirectUri")} value={provider.redirectUri} />
      <details>
        <summary>{t("signOn.moreAddresses")}</summary>
        <div className="form sign-on-more">
          <CopyLine label={t("signOn.initiateUri")} value={provider.initiateLoginUri} />
          <CopyLine label={t("signOn.logoutUri")} value={provider.backchannelLogoutUri} />
          <CopyLine label={t("signOn.jwksUri")} value={provider.jwksUri} />
        </div>
      </details>
    </>
  );
}
