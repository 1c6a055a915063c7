import { useState } from "react";
import { useClient, useQuery } from "urql";
import { EndSessionsDocument, OwnSessionsDocument } from "../api/generated/graphql.ts";
import { useAttempt } from "../api/attempt.tsx";
import { troubleOf } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Confirm } from "../design/Dialog.tsx";
import { notify } from "../design/notices.tsx";
import { Badge, Failure, Skeleton } from "../design/states.tsx";
import { formatAgo, formatMoment } from "../language/format.ts";
import { nameOf, useText } from "../language/language.ts";
import { agentOf } from "../session/agents.ts";

/** Where one is signed in; each may be ended, or all but this one. */
export function OwnSessions() {
  const t = useText();
  const client = useClient();
  const [{ data, error, fetching }, again] = useQuery({ query: OwnSessionsDocument, requestPolicy: "cache-and-network" });
  const { attempt, isBusy, problems } = useAttempt();
  const [isAsked, setAsked] = useState(false);
  const sessions = data?.viewer?.sessions;
  const end = async (sessionIds: string[] | null) => {
    const done = await attempt(EndSessionsDocument, { input: { sessionIds } }, (answer) => answer.revokeSessions);
    setAsked(false);
    if (!done) return;
    notify(t("me.ended", { count: done.revokedCount }));
    await client.query(OwnSessionsDocument, {}, { requestPolicy: "network-only" }).toPromise();
  };
  if (!sessions) {
    if (error) return <Failure trouble={troubleOf(error)} onRetry={() => again({ requestPolicy: "network-only" })} />;
    return fetching ? <Skeleton lines={6} /> : null;
  }
  return (
    <section className="card me-part" aria-label={t("me.sessions")}>
      <p>{t("me.sessionsAdvice")}</p>
      {problems}
      <ul className="me-list">
        {sessions.map((session) => {
          const name = agentOf(session.userAgent) ?? t("me.unknownAgent");
          return (
            <li key={session.id} className="me-item">
              <div>
                <h2>{name}</h2>
                <p className="note">
                  {t("me.sessionSeen", { ago: formatAgo(session.lastSeenAt) })}
                  {session.ipAddress ? ` · ${session.ipAddress}` : ""}
                </p>
                <p className="note">{t("me.sessionBegan", { moment: formatMoment(session.createdAt), how: nameOf("me.method", session.authMethod) })}</p>
              </div>
              {session.isCurrent ? (
                <Badge tone="accent">{t("me.thisSession")}</Badge>
              ) : (
                <Button isSmall isPending={isBusy} aria-label={t("me.endOf", { name, moment: formatMoment(session.createdAt) })} onPress={() => void end([session.id])}>
                  {t("me.end")}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      {sessions.some(({ isCurrent }) => !isCurrent) ? (
        <Button look="harm" onPress={() => setAsked(true)}>
          {t("me.endOthers")}
        </Button>
      ) : null}
      <Confirm title={t("me.endOthersTitle")} isOpen={isAsked} isHarm isBusy={isBusy} action={t("me.endOthers")} cancel={t("common.cancel")} onConfirm={() => void end(null)} onClose={() => setAsked(false)}>
        <p>{t("me.endOthersAdvice")}</p>
      </Confirm>
    </section>
  );
}
