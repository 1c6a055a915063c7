import { useEffect, useState, type SyntheticEvent } from "react";
import { UpdateProviderDocument, type TokenAuthMethod, type UpdateIdentityProviderInput } from "../api/generated/graphql.ts";
import { useAttempt } from "../api/attempt.tsx";
import { Button } from "../design/Button.tsx";
import { Confirm } from "../design/Dialog.tsx";
import { Choice, TextInput } from "../design/fields.tsx";
import { notify } from "../design/notices.tsx";
import { formatDay } from "../language/format.ts";
import { useText } from "../language/language.ts";
import { useMay } from "../session/viewer.ts";
import type { FullProvider } from "./ProviderPage.tsx";

const METHODS: TokenAuthMethod[] = ["CLIENT_SECRET_BASIC", "CLIENT_SECRET_POST", "PRIVATE_KEY_JWT"];

const formOf = ({ name, clientId, tokenAuthMethod, scopes }: FullProvider) => ({ name, clientId, secret: "", lastDay: "", method: tokenAuthMethod, scopes: scopes.join(" ") });

/** What the provider knows us by, and how we prove it. A change of it is a new draft. */
export function Connect({ provider, onStale }: { provider: FullProvider; onStale: () => void }) {
  const t = useText();
  const mayWrite = useMay("SSO_WRITE");
  const { attempt, isBusy, problems } = useAttempt(onStale);
  const [form, setForm] = useState(() => formOf(provider));
  const set = (part: Partial<typeof form>) => setForm({ ...form, ...part });
  const { name, clientId, secret, lastDay, method, scopes } = form;
  const [isAsked, setAsked] = useState(false);
  // What was read anew stands in the fields; what is wrong with what was typed stays to be read.
  // eslint-disable-next-line react-hooks/exhaustive-deps -- once a version
  useEffect(() => setForm(formOf(provider)), [provider.version]);
  const isLive = provider.status !== "DRAFT";
  const input: UpdateIdentityProviderInput = { identityProviderId: provider.id, expectedVersion: provider.version };
  if (name.trim() !== provider.name) input.name = name.trim();
  if (clientId.trim() !== provider.clientId) input.clientId = clientId.trim();
  if (secret !== "") input.clientSecret = secret;
  if (lastDay !== "") input.secretExpiresAt = new Date(`${lastDay}T00:00:00`).toISOString();
  if (method !== provider.tokenAuthMethod) input.tokenAuthMethod = method;
  const words = scopes.split(/\s+/).filter(Boolean);
  if (words.join(" ") !== provider.scopes.join(" ")) input.scopes = words;
  const isChanged = Object.keys(input).length > 2;
  const makesDraft = isLive && (input.clientId !== undefined || input.clientSecret !== undefined || input.tokenAuthMethod !== undefined || input.scopes !== undefined);
  const save = async () => {
    const done = await attempt(UpdateProviderDocument, { input }, (data) => data.updateIdentityProvider);
    setAsked(false);
    if (done) notify(t("signOn.saved"));
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!isChanged) return;
    if (makesDraft) setAsked(true);
    else void save();
  };
  const secretState = provider.secretUpdatedAt
    ? `${t("signOn.secretSet", { day: formatDay(provider.secretUpdatedAt) })}${provider.secretExpiresAt ? ` ${t("signOn.secretEnds", { day: formatDay(provider.secretExpiresAt) })}` : ""}`
    : t("signOn.secretNone");
  return (
    <form className="form" onSubmit={submit} noValidate>
      <p>{t("signOn.connectAdvice")}</p>
      <TextInput label={t("signOn.name")} value={name} onChange={(name) => set({ name })} maxLength={100} isDisabled={!mayWrite} />
      <TextInput label={t("signOn.clientId")} value={clientId} onChange={(clientId) => set({ clientId })} maxLength={500} autoComplete="off" isDisabled={!mayWrite} />
      <TextInput label={t("signOn.secret")} help={secretState} type="password" autoComplete="new-password" value={secret} onChange={(secret) => set({ secret })} maxLength={2_000} isDisabled={!mayWrite} />
      {secret !== "" || provider.secretUpdatedAt ? <TextInput label={t("signOn.secretLastDay")} help={t("signOn.secretLastDayHelp")} type="date" value={lastDay} onChange={(lastDay) => set({ lastDay })} isDisabled={!mayWrite} /> : null}
      <details>
        <summary>{t("signOn.moreSettings")}</summary>
        <div className="form sign-on-more">
          <Choice label={t("signOn.method")} value={method} onChange={(method) => set({ method })} isDisabled={!mayWrite} options={METHODS.map((value) => ({ value, label: t(`signOn.method.${value}`) }))} />
          <TextInput label={t("signOn.scopes")} help={t("signOn.scopesHelp")} value={scopes} onChange={(scopes) => set({ scopes })} isDisabled={!mayWrite} />
        </div>
      </details>
      {problems}
      {mayWrite ? (
        <div className="actions">
          <Button look={provider.clientId === "" ? "main" : "plain"} type="submit" isPending={isBusy} isDisabled={!isChanged}>
            {t("common.save")}
          </Button>
        </div>
      ) : null}
      <Confirm title={t("signOn.newDraft")} isOpen={isAsked} isHarm isBusy={isBusy} action={t("common.save")} cancel={t("common.cancel")} onConfirm={() => void save()} onClose={() => setAsked(false)}>
        <p>{t("signOn.newDraftAdvice")}</p>
      </Confirm>
    </form>
  );
}
