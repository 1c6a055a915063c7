import { useEffect, useState } from "react";
import { SwitchProviderDocument, UpdateProviderDocument, type SsoEnforcement } from "../api/generated/graphql.ts";
import { useAttempt } from "../api/attempt.tsx";
import { Button } from "../design/Button.tsx";
import { Confirm } from "../design/Dialog.tsx";
import { Choice, Radios } from "../design/fields.tsx";
import { notify } from "../design/notices.tsx";
import { useText } from "../language/language.ts";
import { useMay } from "../session/viewer.ts";
import type { FullProvider, ProviderAccount } from "./ProviderPage.tsx";

const NOBODY = "nobody";
const ENFORCEMENTS: SsoEnforcement[] = ["OPTIONAL", "REQUIRED"];

/** Whether it signs people in, whether they must come that way, and who can still get in when it fails. */
export function SwitchOn({ provider, account, onStale }: { provider: FullProvider; account: ProviderAccount; onStale: () => void }) {
  const t = useText();
  const mayWrite = useMay("SSO_WRITE");
  const { attempt, isBusy, problems } = useAttempt(onStale);
  const [enforcement, setEnforcement] = useState(provider.enforcement);
  const [keeper, setKeeper] = useState(provider.breakGlassUser?.id ?? NOBODY);
  useEffect(() => {
    setEnforcement(provider.enforcement);
    setKeeper(provider.breakGlassUser?.id ?? NOBODY);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once a version
  }, [provider.version]);
  const [asked, setAsked] = useState<"off" | "require" | null>(null);
  const isEnabled = provider.status === "ENABLED";
  const keepers = account.keepers?.nodes ?? [];
  // Who was chosen before stays to be seen, whatever they are by now.
  const known = provider.breakGlassUser && !keepers.some(({ id }) => id === provider.breakGlassUser?.id) ? [provider.breakGlassUser, ...keepers] : keepers;
  const isChanged = enforcement !== provider.enforcement || keeper !== (provider.breakGlassUser?.id ?? NOBODY);
  const isUnkept = enforcement === "REQUIRED" && keeper === NOBODY;
  const turn = async (on: boolean) => {
    const done = await attempt(SwitchProviderDocument, { input: { identityProviderId: provider.id, isEnabled: on } }, (data) => data.setSsoEnabled);
    setAsked(null);
    if (done) notify(t(on ? "signOn.switchedOn" : "signOn.switchedOff", { name: provider.name }));
  };
  const save = async () => {
    const input = { identityProviderId: provider.id, expectedVersion: provider.version, enforcement, breakGlassUserId: keeper === NOBODY ? null : keeper };
    const done = await attempt(UpdateProviderDocument, { input }, (data) => data.updateIdentityProvider);
    setAsked(null);
    if (done) notify(t("signOn.saved"));
  };
  return (
    <div className="form">
      <p>{t("signOn.switchAdvice")}</p>
      {mayWrite ? (
        <div className="actions">
          {isEnabled ? (
            <Button look="harm" isPending={isBusy} onPress={() => setAsked("off")}>
              {t("signOn.switchOff")}
            </Button>
          ) : (
            <Button look="main" isPending={isBusy} isDisabled={provider.status === "DRAFT"} onPress={() => void turn(true)}>
              {t("signOn.switchOn")}
            </Button>
          )}
        </div>
      ) : null}
      {provider.status === "DRAFT" ? <p className="note">{t("signOn.testFirst")}</p> : null}
      <h3>{t("signOn.whether")}</h3>
      <Radios label={t("signOn.enforcementLabel")} value={enforcement} onChange={setEnforcement} options={ENFORCEMENTS.map((value) => ({ value, label: t(`signOn.enforcement.${value}`), note: t(`signOn.enforcementNote.${value}`), isDisabled: !mayWrite || (value === "REQUIRED" && !isEnabled) }))} />
      <p className="notice">{t("signOn.breakGlassAdvice")}</p>
      <Choice
        label={t("signOn.breakGlass")}
        value={keeper}
        onChange={setKeeper}
        isDisabled={!mayWrite}
        options={[{ value: NOBODY, label: t("signOn.breakGlassNobody") }, ...known.map(({ id, displayName, email }) => ({ value: id, label: displayName, note: email }))]}
      />
      {problems}
      {isUnkept ? <p className="note">{t("signOn.breakGlassMissing")}</p> : null}
      {mayWrite ? (
        <div className="actions">
          <Button isPending={isBusy} isDisabled={!isChanged || isUnkept} onPress={() => (enforcement === "REQUIRED" && provider.enforcement !== "REQUIRED" ? setAsked("require") : void save())}>
            {t("common.save")}
          </Button>
        </div>
      ) : null}
      <Confirm
        title={asked === "off" ? t("signOn.switchOffTitle", { name: provider.name }) : t("signOn.requireTitle")}
        isOpen={asked !== null}
        isHarm
        isBusy={isBusy}
        action={asked === "off" ? t("signOn.switchOff") : t("signOn.require")}
        cancel={t("common.cancel")}
        onConfirm={() => void (asked === "off" ? turn(false) : save())}
        onClose={() => setAsked(null)}
      >
        <p>{asked === "off" ? t("signOn.switchOffAdvice") : t("signOn.requireAdvice")}</p>
      </Confirm>
    </div>
  );
}
