import { useQuery } from "urql";
import { Link, Redirect, Route, Switch } from "wouter";
import { SignOnDocument, type SignOnQuery } from "../api/generated/graphql.ts";
import { troubleOf } from "../api/trouble.ts";
import { Badge, Empty, Failure, Skeleton, Title } from "../design/states.tsx";
import { formatAgo, formatList } from "../language/format.ts";
import { useText } from "../language/language.ts";
import { useMay, useViewer } from "../session/viewer.ts";
import { ClaimDomain } from "./ClaimDomain.tsx";
import { DomainCard } from "./DomainCard.tsx";
import { NewProvider } from "./NewProvider.tsx";
import { ProviderPage } from "./ProviderPage.tsx";
import { STATUS_TONES } from "./steps.ts";
import "./sso.css";

export function SignOnScreen() {
  const { account } = useViewer();
  return (
    <div className="sign-on">
      <Switch>
        <Route path="/single-sign-on/new">{account.plan === "PREMIUM" ? <NewProvider /> : <Redirect to="/single-sign-on" replace />}</Route>
        <Route path="/single-sign-on/:id">{({ id }) => <ProviderPage key={id} id={id} />}</Route>
        <Route>
          <Overview />
        </Route>
      </Switch>
    </div>
  );
}

function Overview() {
  const t = useText();
  const { account } = useViewer();
  const withProviders = account.plan === "PREMIUM";
  const mayWrite = useMay("SSO_WRITE");
  const [{ data, error, fetching }, again] = useQuery({ query: SignOnDocument, variables: { withProviders }, requestPolicy: "cache-and-network" });
  const providers = data?.account.identityProviders ?? [];
  return (
    <>
      <div className="head">
        <div>
          <Title>{t("signOn.title")}</Title>
          <p>{t("signOn.advice")}</p>
        </div>
        {withProviders && mayWrite && providers.length > 0 ? (
          <Link href="/single-sign-on/new" className="button button-main">
            {t("signOn.new")}
          </Link>
        ) : null}
      </div>
      {data ? (
        <>
          <section className="sign-on-part">
            <h2>{t("signOn.providers")}</h2>
            {!withProviders ? (
              <Empty title={t("signOn.premium")}>{t("signOn.premiumAdvice")}</Empty>
            ) : providers.length === 0 ? (
              <Empty
                title={t("signOn.none")}
                action={
                  mayWrite ? (
                    <Link href="/single-sign-on/new" className="button button-main">
                      {t("signOn.new")}
                    </Link>
                  ) : null
                }
              >
                {t("signOn.noneAdvice")}
              </Empty>
            ) : (
              <ul className="sign-on-cards">
                {providers.map((provider) => (
                  <li key={provider.id}>
                    <ProviderCard provider={provider} />
                  </li>
                ))}
              </ul>
            )}
          </section>
          <section className="sign-on-part">
            <h2>{t("signOn.domains")}</h2>
            <p className="note">{t("signOn.domainsAdvice")}</p>
            {(data.account.domains ?? []).map((domain) => (
              <DomainCard key={domain.id} domain={domain} mayRemove={mayWrite} />
            ))}
            {mayWrite ? <ClaimDomain /> : null}
          </section>
        </>
      ) : error ? (
        <Failure trouble={troubleOf(error)} onRetry={() => again({ requestPolicy: "network-only" })} />
      ) : fetching ? (
        <Skeleton lines={8} />
      ) : null}
    </>
  );
}

type Provider = NonNullable<SignOnQuery["account"]["identityProviders"]>[number];

function ProviderCard({ provider }: { provider: Provider }) {
  const t = useText();
  const { id, name, issuer, status, domains, enforcement, lastSignInAt } = provider;
  return (
    <article className="card sign-on-card">
      <div className="sign-on-head">
        <h3>
          <Link href={`/single-sign-on/${id}`}>{name}</Link>
        </h3>
        <Badge tone={STATUS_TONES[status]}>{t(`signOn.status.${status}`)}</Badge>
      </div>
      <p className="note sign-on-address">{issuer}</p>
      <p>{domains.length > 0 ? formatList(domains.map((domain) => domain.name)) : t("signOn.noDomain")}</p>
      <p className="note">
        {t(`signOn.enforcement.${enforcement}`)} · {lastSignInAt ? t("signOn.lastSignIn", { when: formatAgo(lastSignInAt) }) : t("signOn.neverUsed")}
      </p>
    </article>
  );
}
