import { useState } from "react";
import { EndSessionsDocument } from "../api/generated/graphql.ts";
import { useAttempt } from "../api/attempt.tsx";
import { Button } from "../design/Button.tsx";
import { notify } from "../design/notices.tsx";
import { Badge } from "../design/states.tsx";
import { formatAgo, formatMoment } from "../language/format.ts";
import { nameOf, useText } from "../language/language.ts";
import { useMay } from "../session/viewer.ts";
import { agentOf } from "../session/agents.ts";
import { Section, type FullPerson } from "./Section.tsx";

/** Where somebody is signed in. All at once are ended where it is said whether they may come in. */
export function PersonSessions({ person, onChanged }: { person: FullPerson; onChanged: () => void }) {
  const t = useText();
  const mayWrite = useMay("USERS_WRITE");
  const { attempt, isBusy, problems } = useAttempt();
  const [ending, setEnding] = useState<string | null>(null);
  const sessions = (person.sessions?.nodes ?? []).toSorted((one, other) => other.lastSeenAt.localeCompare(one.lastSeenAt));
  const end = async (id: string) => {
    setEnding(id);
    const done = await attempt(EndSessionsDocument, { input: { userId: person.id, sessionIds: [id] } }, (data) => data.revokeSessions);
    setEnding(null);
    if (!done) return;
    notify(t("sessions.ended"));
    onChanged();
  };
  if (sessions.length === 0) return null;
  return (
    <Section title={t("sessions.title")}>
      <ul className="held">
        {sessions.map(({ id, createdAt, lastSeenAt, authMethod, ipAddress, userAgent, isCurrent }) => (
          <li key={id}>
            <div className="held-head">
              <span>
                <strong title={userAgent ?? undefined}>{agentOf(userAgent) ?? t("sessions.unknown")}</strong> {isCurrent ? <Badge tone="accent">{t("sessions.current")}</Badge> : null}
              </span>
              {mayWrite && !isCurrent ? (
                <Button look="bare" isSmall isPending={isBusy && ending === id} aria-label={t("sessions.endOne", { device: agentOf(userAgent) ?? t("sessions.unknown"), address: ipAddress ?? "" })} onPress={() => void end(id)}>
                  {t("sessions.end")}
                </Button>
              ) : null}
            </div>
            <p className="note">
              {[nameOf("sessions.by", authMethod), ipAddress, t("sessions.seen", { ago: formatAgo(lastSeenAt) }), t("sessions.since", { moment: formatMoment(createdAt) })].filter(Boolean).join(" · ")}
            </p>
          </li>
        ))}
      </ul>
      {problems}
    </Section>
  );
}
