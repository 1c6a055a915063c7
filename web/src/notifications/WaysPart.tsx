import { useState, type SyntheticEvent } from "react";
import { useQuery } from "urql";
import { ChooseWaysDocument, NotificationWaysDocument, type NotificationChannel, type WayFragment } from "../api/generated/graphql.ts";
import { useAttempt } from "../api/attempt.tsx";
import { troubleOf } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Check } from "../design/fields.tsx";
import { notify } from "../design/notices.tsx";
import { Failure, Skeleton } from "../design/states.tsx";
import { nameOf, useText } from "../language/language.ts";

const CHANNELS: NotificationChannel[] = ["IN_APP", "MAIL", "DIGEST"];

/** By which ways the reader hears of what. */
export function WaysPart() {
  const [{ data, error, fetching }, again] = useQuery({ query: NotificationWaysDocument, requestPolicy: "cache-and-network" });
  const ways = data?.viewer?.notificationPreferences;
  if (ways) return <Ways ways={ways} />;
  if (error) return <Failure trouble={troubleOf(error)} onRetry={() => again({ requestPolicy: "network-only" })} />;
  return fetching ? <Skeleton lines={8} /> : null;
}

const nameOfWay = (kind: string, channel: string) => `${kind} ${channel}`;
const chosenOf = (ways: readonly WayFragment[]) => new Set(ways.flatMap(({ kind, channels }) => channels.map((channel) => nameOfWay(kind, channel))));

function Ways({ ways }: { ways: readonly WayFragment[] }) {
  const t = useText();
  const { attempt, isBusy, problems } = useAttempt();
  const [saved, setSaved] = useState(() => chosenOf(ways));
  const [chosen, choose] = useState(saved);
  const changed = ways.filter(({ kind }) => CHANNELS.some((channel) => saved.has(nameOfWay(kind, channel)) !== chosen.has(nameOfWay(kind, channel))));
  const turn = (name: string, isOn: boolean) => {
    const next = new Set(chosen);
    if (isOn) next.add(name);
    else next.delete(name);
    choose(next);
  };
  const save = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (changed.length === 0) return;
    const preferences = changed.map(({ kind }) => ({ kind, channels: CHANNELS.filter((channel) => chosen.has(nameOfWay(kind, channel))) }));
    const done = await attempt(ChooseWaysDocument, { input: { preferences } }, (data) => data.updateNotificationPreferences);
    if (!done) return;
    const now = chosenOf(done.viewer?.notificationPreferences ?? ways);
    setSaved(now);
    choose(now);
    notify(t("notifications.waysSaved"));
  };
  return (
    <form className="form" onSubmit={(event) => void save(event)}>
      <p>{t("notifications.waysAdvice")}</p>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, and the keyboard must be able to */}
      <div className="scroll-x card" tabIndex={0} role="region" aria-label={t("notifications.ways")}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t("notifications.about")}</th>
              {CHANNELS.map((channel) => (
                <th key={channel} scope="col">
                  {t(`notifications.way.${channel}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {ways.map(({ kind, changeableChannels }) => (
              <tr key={kind}>
                <th scope="row">{nameOf("notifications.kind", kind)}</th>
                {CHANNELS.map((channel) => {
                  const name = nameOfWay(kind, channel);
                  const isThere = changeableChannels.includes(channel) || chosen.has(name);
                  return (
                    <td key={channel}>
                      {isThere ? (
                        <Check isSelected={chosen.has(name)} isDisabled={!changeableChannels.includes(channel)} onChange={(isOn) => turn(name, isOn)}>
                          <span className="unseen">
                            {nameOf("notifications.kind", kind)}: {t(`notifications.way.${channel}`)}
                          </span>
                        </Check>
                      ) : (
                        <span className="soft">{t("notifications.noWay")}</span>
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {problems}
      <div className="actions">
        <Button look="main" type="submit" isPending={isBusy} isDisabled={changed.length === 0}>
          {t("common.save")}
        </Button>
      </div>
    </form>
  );
}
