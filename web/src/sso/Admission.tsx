import { useEffect, useState, type SyntheticEvent } from "react";
import { UpdateProviderDocument } from "../api/generated/graphql.ts";
import { useAttempt } from "../api/attempt.tsx";
import { Button } from "../design/Button.tsx";
import { Check, Choices, TextInput } from "../design/fields.tsx";
import { notify } from "../design/notices.tsx";
import { useText } from "../language/language.ts";
import { useMay } from "../session/viewer.ts";
import type { FullProvider, ProviderAccount } from "./ProviderPage.tsx";

const formOf = ({ domains, jit, claimMapping, isAuthoritative, verifiesAsText, trustsPrompt }: FullProvider) => ({
  domainIds: domains.map(({ id }) => id),
  isAdmitted: jit.isEnabled,
  subscriptions: jit.defaultSubscriptions.map(({ id }) => id),
  groups: jit.defaultGroups.map(({ id }) => id),
  withoutSeat: jit.allowsWithoutSeat,
  claims: { email: claimMapping.email, givenName: claimMapping.givenName, familyName: claimMapping.familyName, groups: claimMapping.groups ?? "" },
  trust: { isAuthoritative, verifiesAsText, trustsPrompt },
});

/** Whom it signs in, what becomes of people whom nobody knows yet, and what is read of what the provider says of them. */
export function Admission({ provider, account, onStale }: { provider: FullProvider; account: ProviderAccount; onStale: () => void }) {
  const t = useText();
  const mayWrite = useMay("SSO_WRITE");
  const { attempt, isBusy, problems } = useAttempt(onStale);
  const [form, setForm] = useState(() => formOf(provider));
  const set = (part: Partial<typeof form>) => setForm({ ...form, ...part });
  const { domainIds, isAdmitted, subscriptions, groups, withoutSeat, claims, trust } = form;
  // What was read anew stands in the fields; what is wrong with what was typed stays to be read.
  // eslint-disable-next-line react-hooks/exhaustive-deps -- once a version
  useEffect(() => setForm(formOf(provider)), [provider.version]);
  // Domains of its own stay to be seen, also when their proof has lapsed.
  const domains = (account.domains ?? []).filter(({ id, status }) => status === "VERIFIED" || provider.domains.some((own) => own.id === id));
  const offered = (account.subscriptions?.nodes ?? []).filter(({ id, status }) => status === "ACTIVE" || status === "TRIAL" || subscriptions.includes(id));
  const save = async (event: SyntheticEvent) => {
    event.preventDefault();
    const input = {
      identityProviderId: provider.id,
      expectedVersion: provider.version,
      domainIds,
      jit: { isEnabled: isAdmitted, defaultSubscriptionIds: subscriptions, defaultGroupIds: groups, allowsWithoutSeat: withoutSeat },
      claimMapping: { email: claims.email.trim(), givenName: claims.givenName.trim(), familyName: claims.familyName.trim(), groups: claims.groups.trim() || null },
      ...trust,
    };
    const done = await attempt(UpdateProviderDocument, { input }, (data) => data.updateIdentityProvider);
    if (done) notify(t("signOn.saved"));
  };
  const claimFields = [
    ["email", "people.email"],
    ["givenName", "person.givenName"],
    ["familyName", "person.familyName"],
    ["groups", "signOn.groupsClaim"],
  ] as const;
  const trustFields = [
    ["isAuthoritative", "signOn.authoritative", "signOn.authoritativeHelp"],
    ["verifiesAsText", "signOn.asText", "signOn.asTextHelp"],
    ["trustsPrompt", "signOn.prompt", "signOn.promptHelp"],
  ] as const;
  return (
    <section className="card sign-on-step">
      <h2>{t("signOn.admission")}</h2>
      <form className="form" onSubmit={(event) => void save(event)} noValidate>
        {domains.length > 0 ? <Choices label={t("signOn.whose")} value={domainIds} onChange={(domainIds) => set({ domainIds })} options={domains.map(({ id, name }) => ({ value: id, label: name, isDisabled: !mayWrite }))} /> : <p className="note">{t("signOn.noProven")}</p>}
        <Check isSelected={isAdmitted} onChange={(isAdmitted) => set({ isAdmitted })} isDisabled={!mayWrite}>
          <span>{t("signOn.jit")}</span>
          <span className="note">{t("signOn.jitHelp")}</span>
        </Check>
        {isAdmitted ? (
          <>
            {offered.length > 0 ? (
              <>
                <Choices label={t("signOn.jitProducts")} value={subscriptions} onChange={(subscriptions) => set({ subscriptions })} options={offered.map(({ id, product }) => ({ value: id, label: product.name, isDisabled: !mayWrite }))} />
                <Check isSelected={withoutSeat} onChange={(withoutSeat) => set({ withoutSeat })} isDisabled={!mayWrite}>
                  <span>{t("signOn.withoutSeat")}</span>
                </Check>
              </>
            ) : null}
            {(account.groups?.nodes ?? []).length > 0 ? (
              <Choices label={t("signOn.jitGroups")} value={groups} onChange={(groups) => set({ groups })} options={(account.groups?.nodes ?? []).map(({ id, name }) => ({ value: id, label: name, isDisabled: !mayWrite }))} />
            ) : null}
          </>
        ) : null}
        <details>
          <summary>{t("signOn.reading")}</summary>
          <div className="form sign-on-more">
            <div className="sign-on-claims">
              {claimFields.map(([name, label]) => (
                <TextInput key={name} label={t(label)} value={claims[name]} onChange={(value) => set({ claims: { ...claims, [name]: value } })} maxLength={100} isDisabled={!mayWrite} />
              ))}
            </div>
            {trustFields.map(([name, label, help]) => (
              <Check key={name} isSelected={trust[name]} onChange={(value) => set({ trust: { ...trust, [name]: value } })} isDisabled={!mayWrite}>
                <span>{t(label)}</span>
                <span className="note">{t(help)}</span>
              </Check>
            ))}
          </div>
        </details>
        {problems}
        {mayWrite ? (
          <div className="actions">
            <Button type="submit" isPending={isBusy}>
              {t("common.save")}
            </Button>
          </div>
        ) : null}
      </form>
    </section>
  );
}
