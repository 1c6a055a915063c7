import { useState, type SyntheticEvent } from "react";
import { useClient } from "urql";
import { ViewerDocument } from "../api/generated/graphql.ts";
import { troubleOfFault, type Trouble } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Dialog } from "../design/Dialog.tsx";
import { TextInput } from "../design/fields.tsx";
import { TroubleLine } from "../design/states.tsx";
import { useText } from "../language/language.ts";
import { enter, providerPath, signIn } from "./session.ts";

/** The session ended while somebody was at work: what they have typed stays where it is behind this. */
export function SignInAgain() {
  const t = useText();
  const client = useClient();
  // Read once: reading answers everybody who looks at the same.
  const [viewer] = useState(() => client.readQuery(ViewerDocument, {})?.data?.viewer);
  const [password, setPassword] = useState("");
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [isBusy, setBusy] = useState(false);
  const email = viewer?.user.email ?? "";
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setBusy(true);
    setTrouble(null);
    signIn(email, password, viewer?.account.id)
      .then(enter)
      .catch((fault: unknown) => setTrouble(troubleOfFault(fault)))
      .finally(() => setBusy(false));
  };
  const isByProvider = viewer?.session.authMethod === "OIDC";
  return (
    <Dialog title={t("signIn.endedTitle")} isOpen isKept onClose={() => undefined}>
      <p>{t("signIn.endedAdvice")}</p>
      <TroubleLine trouble={trouble} />
      {isByProvider ? (
        <div className="dialog-actions">
          <Button look="main" onPress={() => location.assign(providerPath(email, `${location.pathname}${location.search}`))}>
            {t("signIn.toProvider")}
          </Button>
        </div>
      ) : (
        <form className="form" onSubmit={submit}>
          <p className="sign-in-who">{email}</p>
          <TextInput label={t("signIn.password")} type="password" autoComplete="current-password" value={password} onChange={setPassword} isRequired autoFocus />
          <div className="dialog-actions">
            <Button onPress={() => location.assign("/sign-in")}>{t("signIn.asSomebodyElse")}</Button>
            <Button look="main" type="submit" isPending={isBusy}>
              {t("signIn.signIn")}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
