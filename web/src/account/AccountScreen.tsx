import { useEffect, useState, type SyntheticEvent } from "react";
import { useQuery } from "urql";
import { AccountSettingsDocument, UpdateAccountDocument, type AccountFactsFragment } from "../api/generated/graphql.ts";
import { useAttempt } from "../api/attempt.tsx";
import { troubleOf } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Confirm } from "../design/Dialog.tsx";
import { notify } from "../design/notices.tsx";
import { Failure, Skeleton, Title } from "../design/states.tsx";
import { formatDay } from "../language/format.ts";
import { nameOf, useText } from "../language/language.ts";
import { useMay } from "../session/viewer.ts";
import { Fields } from "./Fields.tsx";
import { changesOf, isWrong, SETTINGS, typedOf } from "./settings.ts";
import { ViewSwitch } from "./ViewSwitch.tsx";
import "./account.css";

export function AccountScreen() {
  const t = useText();
  const withSwitch = useMay("ACCOUNT_VIEW_SWITCH");
  const [{ data, error, fetching }, again] = useQuery({ query: AccountSettingsDocument, variables: { withSwitch }, requestPolicy: "cache-and-network" });
  const retry = () => again({ requestPolicy: "network-only" });
  const account = data?.account;
  return (
    <div className="settings">
      <div className="head">
        <Title>{t("account.title")}</Title>
      </div>
      {account ? (
        <>
          <Facts account={account} />
          <Settings account={account} onStale={retry} />
          {account.viewSwitch ? <ViewSwitch viewSwitch={account.viewSwitch} /> : null}
        </>
      ) : error ? (
        <Failure trouble={troubleOf(error)} onRetry={retry} />
      ) : fetching ? (
        <Skeleton lines={8} />
      ) : null}
    </div>
  );
}

/** What the operator, or a contract, has set. */
function Facts({ account }: { account: AccountFactsFragment }) {
  const t = useText();
  const facts: [string, string][] = [
    [t("account.slug"), account.slug],
    [t("account.planLabel"), nameOf("account.plan", account.plan)],
    [t("account.viewLabel"), nameOf("account.view", account.view)],
    [t("people.column.added"), formatDay(account.createdAt)],
  ];
  return (
    <section className="card settings-part">
      <h2>{t("account.facts")}</h2>
      <dl className="facts">
        {facts.map(([label, value]) => (
          <div key={label} className="settings-fact">
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Settings({ account, onStale }: { account: AccountFactsFragment; onStale: () => void }) {
  const t = useText();
  const { attempt, isBusy, problems } = useAttempt(onStale);
  const values = { name: account.name, ...account.settings };
  const [typed, setTyped] = useState(() => typedOf(values));
  const [isTried, setTried] = useState(false);
  const [isAsked, setAsked] = useState(false);
  // What was read anew stands in the fields; what is wrong with what was typed stays to be read.
  // eslint-disable-next-line react-hooks/exhaustive-deps -- once a version
  useEffect(() => setTyped(typedOf(values)), [account.version]);
  const { input, harms } = changesOf(values, typed);
  const isChanged = Object.keys(input).length > 0;
  const hasMistake = SETTINGS.some((setting) => isWrong(setting, typed[setting.name] ?? ""));
  const save = async () => {
    const done = await attempt(UpdateAccountDocument, { input: { ...input, expectedVersion: account.version } }, (data) => data.updateAccount);
    setAsked(false);
    if (!done) return;
    setTried(false);
    notify(t("account.saved"));
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setTried(true);
    if (hasMistake || !isChanged) return;
    if (harms.length > 0) setAsked(true);
    else void save();
  };
  return (
    <section className="card settings-part">
      <h2>{t("account.settings")}</h2>
      <form className="form settings-form" onSubmit={submit} noValidate>
        <Fields typed={typed} isTried={isTried} onType={setTyped} />
        {problems}
        <div className="actions">
          <Button look="main" type="submit" isPending={isBusy} isDisabled={!isChanged}>
            {t("common.save")}
          </Button>
          {isChanged ? (
            <Button look="bare" onPress={() => setTyped(typedOf(values))}>
              {t("account.putBack")}
            </Button>
          ) : null}
        </div>
      </form>
      <Confirm title={t("account.sure")} isOpen={isAsked} isHarm isBusy={isBusy} action={t("common.save")} cancel={t("common.cancel")} onConfirm={() => void save()} onClose={() => setAsked(false)}>
        {harms.map((advice) => (
          <p key={advice}>{t(advice)}</p>
        ))}
      </Confirm>
    </section>
  );
}
