import { useMemo, useState, type SyntheticEvent } from "react";
import { useQuery } from "urql";
import { Link, useLocation } from "wouter";
import { CreateProviderDocument, SignOnDocument, type DomainFactsFragment } from "../api/generated/graphql.ts";
import { useAttempt } from "../api/attempt.tsx";
import { idempotencyKey } from "../api/change.ts";
import { troubleOf } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Choices, TextInput } from "../design/fields.tsx";
import { Failure, Skeleton, Title } from "../design/states.tsx";
import { useText } from "../language/language.ts";
import { ClaimDomain } from "./ClaimDomain.tsx";
import { DomainCard } from "./DomainCard.tsx";

/** The first two steps: whose addresses, and which provider. Its own page has the others, as soon as there is one. */
export function NewProvider() {
  const t = useText();
  const [{ data, error, fetching }, again] = useQuery({ query: SignOnDocument, variables: { withProviders: true }, requestPolicy: "cache-and-network" });
  const domains = data?.account.domains;
  return (
    <>
      <div className="head">
        <div>
          <Link href="/single-sign-on" className="crumb">
            {t("signOn.title")}
          </Link>
          <Title>{t("signOn.new")}</Title>
          <p>{t("signOn.newAdvice")}</p>
        </div>
      </div>
      {domains ? (
        <Steps domains={domains} />
      ) : error ? (
        <Failure trouble={troubleOf(error)} onRetry={() => again({ requestPolicy: "network-only" })} />
      ) : fetching ? (
        <Skeleton lines={8} />
      ) : null}
    </>
  );
}

function Steps({ domains }: { domains: readonly DomainFactsFragment[] }) {
  const t = useText();
  const [, navigate] = useLocation();
  const { attempt, isBusy, problems } = useAttempt();
  const proven = domains.filter(({ status }) => status === "VERIFIED");
  const open = domains.filter(({ status }) => status !== "VERIFIED");
  const [chosen, setChosen] = useState<string[] | null>(null);
  const [name, setName] = useState("");
  const [issuer, setIssuer] = useState("");
  const [isTried, setTried] = useState(false);
  // A provider may be drafted before a domain is proven; it signs nobody in before.
  const domainIds = chosen ?? proven.map(({ id }) => id);
  const asked = JSON.stringify([name, issuer, domainIds]);
  // Pressed twice it is one provider; with anything else in it, another.
  const key = useMemo(() => ({ asked, text: idempotencyKey() }), [asked]);
  const make = async (event: SyntheticEvent) => {
    event.preventDefault();
    setTried(true);
    if (name.trim() === "" || issuer.trim() === "") return;
    const input = { name: name.trim(), issuer: issuer.trim(), domainIds, idempotencyKey: key.text };
    const made = await attempt(CreateProviderDocument, { input }, (data) => data.createIdentityProvider);
    if (made?.identityProvider) navigate(`/single-sign-on/${made.identityProvider.id}`);
  };
  return (
    <ol className="sign-on-steps">
      <li className="card sign-on-step" data-done={proven.length > 0 || undefined}>
        <h2>{t("signOn.stepDomain")}</h2>
        <p>{t("signOn.stepDomainAdvice")}</p>
        {proven.length > 0 ? (
          <Choices label={t("signOn.whose")} value={domainIds} onChange={setChosen} options={proven.map(({ id, name: domain }) => ({ value: id, label: domain }))} />
        ) : null}
        {open.map((domain) => (
          <DomainCard key={domain.id} domain={domain} />
        ))}
        <ClaimDomain />
      </li>
      <li className="card sign-on-step">
        <h2>{t("signOn.stepDraft")}</h2>
        <p>{t("signOn.stepDraftAdvice")}</p>
        <form className="form" onSubmit={(event) => void make(event)} noValidate>
          <TextInput label={t("signOn.name")} help={t("signOn.nameHelp")} value={name} onChange={setName} maxLength={100} isRequired error={isTried && name.trim() === "" ? t("signOn.missing") : undefined} />
          <TextInput label={t("signOn.issuer")} help={t("signOn.issuerHelp")} type="url" value={issuer} onChange={setIssuer} maxLength={500} isRequired error={isTried && issuer.trim() === "" ? t("signOn.missing") : undefined} />
          {problems}
          <div className="actions">
            <Button look="main" type="submit" isPending={isBusy}>
              {t("signOn.draft")}
            </Button>
          </div>
        </form>
      </li>
    </ol>
  );
}
