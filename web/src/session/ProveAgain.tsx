import { useState, type SyntheticEvent } from "react";
import { troubleOfFault, type Trouble } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Dialog } from "../design/Dialog.tsx";
import { TextInput } from "../design/fields.tsx";
import { TroubleLine } from "../design/states.tsx";
import { useText } from "../language/language.ts";
import { answer } from "./recent.ts";
import { confirmBy, providerPath, sendCode } from "./session.ts";
import { useViewer } from "./viewer.ts";

/** For what asks for a sign-in of the last ten minutes: the password; of who came by a provider, the provider again or a code by mail. */
export function ProveAgain() {
  const t = useText();
  const viewer = useViewer();
  const isByProvider = viewer.session.authMethod === "OIDC";
  const [isCodeSent, setCodeSent] = useState(false);
  const [proof, setProof] = useState("");
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [isBusy, setBusy] = useState(false);
  const attempt = (work: () => Promise<unknown>, then: () => void) => {
    setBusy(true);
    setTrouble(null);
    work()
      .then(then)
      .catch((fault: unknown) => setTrouble(troubleOfFault(fault)))
      .finally(() => setBusy(false));
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    attempt(
      () => confirmBy(isByProvider ? { code: proof } : { password: proof }),
      () => answer(true),
    );
  };
  return (
    <Dialog title={t("prove.title")} isOpen onClose={() => answer(false)}>
      <p>{t("prove.why")}</p>
      <TroubleLine trouble={trouble} />
      {isByProvider && !isCodeSent ? (
        <div className="form">
          <Button look="main" onPress={() => location.assign(providerPath(viewer.user.email, `${location.pathname}${location.search}`, true))}>
            {t("signIn.toProvider")}
          </Button>
          <Button isPending={isBusy} onPress={() => attempt(sendCode, () => setCodeSent(true))}>
            {t("prove.sendCode")}
          </Button>
        </div>
      ) : (
        <form className="form" onSubmit={submit}>
          {isByProvider ? <p role="status">{t("prove.codeSent", { email: viewer.user.email })}</p> : <p className="sign-in-who">{viewer.user.email}</p>}
          <TextInput
            label={isByProvider ? t("prove.code") : t("signIn.password")}
            type={isByProvider ? "text" : "password"}
            inputMode={isByProvider ? "numeric" : "text"}
            autoComplete={isByProvider ? "one-time-code" : "current-password"}
            value={proof}
            onChange={setProof}
            isRequired
            autoFocus
          />
          <div className="dialog-actions">
            <Button onPress={() => answer(false)}>{t("common.cancel")}</Button>
            <Button look="main" type="submit" isPending={isBusy}>
              {t("prove.confirm")}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
