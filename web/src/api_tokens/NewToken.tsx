import { useState, type SyntheticEvent } from "react";
import { CreateApiTokenDocument, type ApiTokenScope, type Permission } from "../api/generated/graphql.ts";
import { useAttempt } from "../api/attempt.tsx";
import { Button } from "../design/Button.tsx";
import { CopyLine } from "../design/CopyLine.tsx";
import { Dialog } from "../design/Dialog.tsx";
import { Choice, Choices, TextInput } from "../design/fields.tsx";
import { nameOf, useText } from "../language/language.ts";
import { useViewer } from "../session/viewer.ts";
import { dayAfter, endOf, TERMS, type Term } from "./terms.ts";

const NAME = 60;
/** What each scope is for, and what its maker has to be able to do. */
const SCOPES: { scope: ApiTokenScope; needs: Permission }[] = [
  { scope: "USERS_READ", needs: "USERS_READ" },
  { scope: "USERS_WRITE", needs: "USERS_WRITE" },
  { scope: "ASSIGNMENTS_READ", needs: "PRODUCTS_READ" },
  { scope: "ASSIGNMENTS_WRITE", needs: "ASSIGNMENTS_WRITE" },
  { scope: "USAGE_READ", needs: "USAGE_READ" },
  { scope: "USAGE_WRITE", needs: "USAGE_WRITE" },
  { scope: "AUDIT_READ", needs: "AUDIT_READ" },
];

/** What the token is for and until when; then its secret, which is shown this once. */
export function NewToken({ onClose }: { onClose: () => void }) {
  const t = useText();
  const viewer = useViewer();
  const { attempt, isBusy, problems } = useAttempt();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<ApiTokenScope[]>([]);
  const [term, setTerm] = useState<Term>("90");
  const [day, setDay] = useState(() => dayAfter(90));
  const [isTried, setTried] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const expiresAt = endOf(term, day);
  const make = async (event: SyntheticEvent) => {
    event.preventDefault();
    setTried(true);
    if (name.trim() === "" || scopes.length === 0 || expiresAt === null) return;
    const made = await attempt(CreateApiTokenDocument, { input: { name: name.trim(), scopes, expiresAt } }, (data) => data.createApiToken);
    if (made?.secret) setSecret(made.secret);
  };
  if (secret !== null) {
    return (
      <Dialog title={t("tokens.secretTitle", { name: name.trim() })} isOpen isKept onClose={onClose}>
        <div className="dialog-body">
          <p className="notice notice-wait">{t("tokens.secretAdvice")}</p>
          <CopyLine label={t("tokens.secret")} value={secret} />
          <p className="note">{t("tokens.secretUse")}</p>
        </div>
        <div className="dialog-actions">
          <Button look="main" onPress={onClose}>
            {t("tokens.kept")}
          </Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title={t("tokens.new")} isOpen isKept={isBusy} onClose={onClose}>
      <form className="form" onSubmit={(event) => void make(event)} noValidate>
        <TextInput label={t("tokens.name")} help={t("tokens.nameHelp")} value={name} onChange={setName} maxLength={NAME} isRequired autoFocus error={isTried && name.trim() === "" ? t("tokens.nameMissing") : undefined} />
        <Choices
          label={t("tokens.scopes")}
          value={scopes}
          onChange={setScopes}
          error={isTried && scopes.length === 0 ? t("tokens.scopesMissing") : undefined}
          options={SCOPES.filter(({ needs }) => viewer.permissions.includes(needs)).map(({ scope }) => ({ value: scope, label: nameOf("scope", scope) }))}
        />
        <Choice
          label={t("tokens.term")}
          value={term}
          onChange={setTerm}
          options={[...TERMS.map((days) => ({ value: days, label: t("tokens.days", { count: Number(days) }) })), { value: "day" as const, label: t("tokens.toDay") }]}
        />
        {term === "day" ? <TextInput label={t("tokens.lastDay")} type="date" value={day} onChange={setDay} error={isTried && expiresAt === null ? t("tokens.dayWrong") : undefined} /> : null}
        <p className="note">{t("tokens.rights")}</p>
        {problems}
        <div className="dialog-actions">
          <Button onPress={onClose} isDisabled={isBusy}>
            {t("common.cancel")}
          </Button>
          <Button look="main" type="submit" isPending={isBusy}>
            {t("tokens.make")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
