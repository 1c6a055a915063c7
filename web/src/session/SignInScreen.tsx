import { useState, type SyntheticEvent, type ReactNode } from "react";
import { troubleOfFault, type Trouble } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { TextInput } from "../design/fields.tsx";
import { Icon, Mark } from "../design/icons.tsx";
import { Title, TroubleLine } from "../design/states.tsx";
import { useText } from "../language/language.ts";
import { initial } from "../language/letters.ts";
import { LanguageMenu, ThemeMenu } from "../shell/AccountMenu.tsx";
import { enter, forgot, hasProvider, providerPath, signIn, switchTo, type AccountName } from "./session.ts";
import "./session.css";

type Step =
  | { name: "email" }
  | { name: "provider" }
  | { name: "password" }
  | { name: "forgotten" }
  | { name: "sent" }
  | { name: "account"; accounts: AccountName[] };

/** The address that was asked for is kept: whoever signs in comes to it. */
const here = () => (location.pathname === "/sign-in" ? "/" : `${location.pathname}${location.search}`);

export function SignInScreen({ hasEnded }: { hasEnded: boolean }) {
  const t = useText();
  const [step, setStep] = useState<Step>({ name: "email" });
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [isBusy, setBusy] = useState(false);

  const go = (next: Step) => {
    setTrouble(null);
    setStep(next);
  };
  /** Does one thing at a time, and says what became of it if it failed. */
  const attempt = (work: () => Promise<void>) => (event?: SyntheticEvent) => {
    event?.preventDefault();
    if (isBusy) return;
    setBusy(true);
    setTrouble(null);
    work()
      .catch((fault: unknown) => setTrouble(troubleOfFault(fault)))
      .finally(() => setBusy(false));
  };

  const find = attempt(async () => go({ name: (await hasProvider(email)) ? "provider" : "password" }));
  const enterWith = attempt(async () => {
    const accounts = await signIn(email, password);
    setPassword("");
    if (accounts.length > 1) go({ name: "account", accounts });
    else enter();
  });
  const ask = attempt(async () => {
    await forgot(email);
    go({ name: "sent" });
  });
  const choose = (account: AccountName, isEntered: boolean) =>
    attempt(async () => {
      if (!isEntered) await switchTo(account.id);
      enter();
    })();

  const who = (
    <p className="sign-in-who">
      <span>{email}</span>
      <Button look="bare" isSmall onPress={() => go({ name: "email" })}>
        {t("signIn.other")}
      </Button>
    </p>
  );

  const parts: Record<Step["name"], () => ReactNode> = {
    email: () => (
      <form className="form" onSubmit={find}>
        <TextInput label={t("signIn.email")} name="email" type="email" autoComplete="username" value={email} onChange={setEmail} isRequired maxLength={254} autoFocus />
        <Button look="main" type="submit" isPending={isBusy}>
          {t("signIn.continue")}
        </Button>
      </form>
    ),
    provider: () => (
      <div className="form">
        {who}
        <p>{t("signIn.providerFound", { domain: email.split("@").pop() ?? "" })}</p>
        <Button look="main" autoFocus onPress={() => location.assign(providerPath(email, here()))}>
          {t("signIn.toProvider")}
        </Button>
        <Button look="bare" onPress={() => go({ name: "password" })}>
          {t("signIn.withPassword")}
        </Button>
      </div>
    ),
    password: () => (
      <form className="form" onSubmit={enterWith}>
        {who}
        <input className="unseen" type="email" name="email" autoComplete="username" value={email} readOnly tabIndex={-1} aria-hidden="true" />
        <TextInput label={t("signIn.password")} name="password" type="password" autoComplete="current-password" value={password} onChange={setPassword} isRequired maxLength={128} autoFocus />
        <Button look="main" type="submit" isPending={isBusy}>
          {t("signIn.signIn")}
        </Button>
        <Button look="bare" onPress={() => go({ name: "forgotten" })}>
          {t("signIn.forgotten")}
        </Button>
      </form>
    ),
    forgotten: () => (
      <form className="form" onSubmit={ask}>
        <p>{t("signIn.forgottenAdvice")}</p>
        <TextInput label={t("signIn.email")} name="email" type="email" autoComplete="username" value={email} onChange={setEmail} isRequired maxLength={254} autoFocus />
        <Button look="main" type="submit" isPending={isBusy}>
          {t("signIn.sendLink")}
        </Button>
        <Button look="bare" onPress={() => go({ name: "password" })}>
          {t("common.back")}
        </Button>
      </form>
    ),
    sent: () => (
      <div className="form">
        <p role="status">{t("signIn.sent", { email })}</p>
        <Button autoFocus onPress={() => go({ name: "password" })}>
          {t("signIn.backToSignIn")}
        </Button>
      </div>
    ),
    account: () =>
      step.name === "account" ? (
        <ul className="sign-in-accounts">
          {step.accounts.map((account, place) => (
            <li key={account.id}>
              <Button autoFocus={place === 0} isDisabled={isBusy} onPress={() => choose(account, place === 0)}>
                <span className="face" aria-hidden="true">
                  {initial(account.name)}
                </span>
                <span>{account.name}</span>
              </Button>
            </li>
          ))}
        </ul>
      ) : null,
  };

  const title = step.name === "account" ? t("signIn.chooseAccount") : step.name === "forgotten" || step.name === "sent" ? t("signIn.forgottenTitle") : t("signIn.title");
  return (
    <div className="sign-in">
      <header className="sign-in-head">
        <span className="sign-in-brand">
          <Mark />
          <strong>Muster</strong>
        </span>
        <span>
          <ThemeMenu />
          <LanguageMenu />
        </span>
      </header>
      <main className="sign-in-main">
        <div className="sign-in-card card">
          <Title>{title}</Title>
          {hasEnded && step.name === "email" ? (
            <p className="notice notice-wait" role="status">
              <Icon name="warn" />
              {t("signIn.ended")}
            </p>
          ) : null}
          <TroubleLine trouble={trouble} />
          {parts[step.name]()}
        </div>
      </main>
    </div>
  );
}
