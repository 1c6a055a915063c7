import { useState } from "react";
import { useClient } from "urql";
import { SwitchViewDocument, ViewerDocument, type AccountSettingsQuery } from "../api/generated/graphql.ts";
import { useAttempt } from "../api/attempt.tsx";
import { Button } from "../design/Button.tsx";
import { Confirm } from "../design/Dialog.tsx";
import { notify } from "../design/notices.tsx";
import { Refusals } from "../design/states.tsx";
import { useText } from "../language/language.ts";

type Switch = NonNullable<AccountSettingsQuery["account"]["viewSwitch"]>;

/** The other view of user management: what it is, who would have another role there, and why it is not to be had. */
export function ViewSwitch({ viewSwitch }: { viewSwitch: Switch }) {
  const t = useText();
  const client = useClient();
  const { attempt, isBusy, problems } = useAttempt();
  const [isAsked, setAsked] = useState(false);
  const { view, remappedCount, remapped, obstacles } = viewSwitch;
  const go = async () => {
    const done = await attempt(SwitchViewDocument, { input: { view } }, (data) => data.switchAccountView);
    setAsked(false);
    if (!done) return;
    notify(t("account.switched", { view: t(`account.view.${view}`) }));
    // The screens are those of the other view from now on, and so is one's own role; whoever has another one signs in again.
    await client.query(ViewerDocument, {}, { requestPolicy: "network-only" }).toPromise();
  };
  return (
    <section className="card settings-part">
      <h2>{t("account.viewTitle")}</h2>
      <p>{t(`account.viewAbout.${view}`)}</p>
      {obstacles.length > 0 ? (
        <>
          <p className="note">{t("account.obstacles")}</p>
          <Refusals errors={obstacles} />
        </>
      ) : null}
      <details className="settings-preview">
        <summary>{t("account.remapped", { count: remappedCount })}</summary>
        <Remapped remapped={remapped} count={remappedCount} />
      </details>
      {problems}
      <div className="actions">
        <Button look="harm" isDisabled={obstacles.length > 0} onPress={() => setAsked(true)}>
          {t("account.switch", { view: t(`account.view.${view}`) })}
        </Button>
      </div>
      <Confirm
        title={t("account.switch", { view: t(`account.view.${view}`) })}
        isOpen={isAsked}
        isHarm
        isBusy={isBusy}
        action={t("account.switchNow")}
        cancel={t("common.cancel")}
        onConfirm={() => void go()}
        onClose={() => setAsked(false)}
      >
        <p>{t(`account.viewAdvice.${view}`)}</p>
        <p>{t("account.remapped", { count: remappedCount })}</p>
        <Remapped remapped={remapped} count={remappedCount} />
      </Confirm>
    </section>
  );
}

function Remapped({ remapped, count }: { remapped: Switch["remapped"]; count: number }) {
  const t = useText();
  if (remapped.length === 0) return null;
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, and the keyboard must be able to
    <div className="outcomes" tabIndex={0} role="region" aria-label={t("account.remapped", { count })}>
      <ul>
        {remapped.map(({ user, before, after }) => (
          <li key={user.id}>
            <strong>{user.displayName}</strong> <span>{t("account.turn", { before: t(`role.${before}`), after: t(`role.${after}`) })}</span>
          </li>
        ))}
      </ul>
      {count > remapped.length ? <p className="note">{t("account.moreRemapped", { count: count - remapped.length })}</p> : null}
    </div>
  );
}
