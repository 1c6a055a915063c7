import { useState } from "react";
import { useLocation } from "wouter";
import { DeleteProviderDocument } from "../api/generated/graphql.ts";
import { useAttempt } from "../api/attempt.tsx";
import { Button } from "../design/Button.tsx";
import { Confirm } from "../design/Dialog.tsx";
import { notify } from "../design/notices.tsx";
import { useText } from "../language/language.ts";
import { useMay } from "../session/viewer.ts";
import type { FullProvider } from "./ProviderPage.tsx";

export function DeleteProvider({ provider }: { provider: FullProvider }) {
  const t = useText();
  const mayWrite = useMay("SSO_WRITE");
  const [, navigate] = useLocation();
  const { attempt, isBusy, problems } = useAttempt();
  const [isAsked, setAsked] = useState(false);
  const isEnabled = provider.status === "ENABLED";
  const remove = async () => {
    const done = await attempt(DeleteProviderDocument, { input: { identityProviderId: provider.id } }, (data) => data.deleteIdentityProvider);
    setAsked(false);
    if (!done) return;
    notify(t("signOn.deleted", { name: provider.name }));
    navigate("/single-sign-on");
  };
  if (!mayWrite) return null;
  return (
    <section className="card sign-on-step">
      <h2>{t("signOn.deleteTitle")}</h2>
      <p>{isEnabled ? t("signOn.offFirst") : t("signOn.deleteAdvice")}</p>
      {problems}
      <div className="actions">
        <Button look="harm" isDisabled={isEnabled} onPress={() => setAsked(true)}>
          {t("signOn.delete")}
        </Button>
      </div>
      <Confirm title={t("signOn.deleteOf", { name: provider.name })} isOpen={isAsked} isHarm isBusy={isBusy} action={t("signOn.delete")} cancel={t("common.cancel")} onConfirm={() => void remove()} onClose={() => setAsked(false)}>
        <p>{t("signOn.deleteAdvice")}</p>
      </Confirm>
    </section>
  );
}
