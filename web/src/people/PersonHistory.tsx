import { Link } from "wouter";
import type { PersonQuery } from "../api/generated/graphql.ts";
import { nameOfAction } from "../audit/words.ts";
import { Badge } from "../design/states.tsx";
import { formatMoment } from "../language/format.ts";
import { useText } from "../language/language.ts";
import { Section } from "./Section.tsx";

type Events = NonNullable<PersonQuery["account"]["history"]>["nodes"];

/** What was done to somebody lately, of the audit log. */
export function PersonHistory({ id, events }: { id: string; events: Events }) {
  const t = useText();
  if (events.length === 0) return null;
  return (
    <Section title={t("person.history")} action={<Link href={`/audit?target=${id}`}>{t("person.wholeHistory")}</Link>}>
      <ol className="history">
        {events.map(({ id: event, action, actorLabel, occurredAt, outcome }) => (
          <li key={event}>
            <Link href={`/audit/${event}?target=${id}`}>{nameOfAction(action)}</Link> {outcome === "DENIED" ? <Badge tone="bad">{t("audit.outcome.DENIED")}</Badge> : null}
            <span className="note">
              {formatMoment(occurredAt)} · {actorLabel}
            </span>
          </li>
        ))}
      </ol>
    </Section>
  );
}
