import { useQuery } from "urql";
import { Link } from "wouter";
import { AuditEventDocument, type AuditEventQuery } from "../api/generated/graphql.ts";
import { troubleOf } from "../api/trouble.ts";
import { Panel } from "../design/Panel.tsx";
import { Badge, Empty, Failure, Skeleton } from "../design/states.tsx";
import { formatMoment } from "../language/format.ts";
import { useText } from "../language/language.ts";
import { placeOf } from "../shell/places.ts";
import { NO_QUERY, writeQuery, type AuditQuery } from "./query.ts";
import { nameOfAction, sayField, sayValue } from "./words.ts";

type Event = Extract<NonNullable<AuditEventQuery["node"]>, { __typename: "AuditEvent" }>;

interface PanelProps {
  id: string;
  query: AuditQuery;
  onClose: () => void;
}

/** One event: who, from where, what it touched, and the values before and after. */
export function AuditPanel({ id, query, onClose }: PanelProps) {
  const t = useText();
  const [{ data, error, fetching }, again] = useQuery({ query: AuditEventDocument, variables: { id } });
  const event = data?.node?.__typename === "AuditEvent" ? data.node : null;
  return (
    <Panel title={event ? nameOfAction(event.action) : null} note={event ? formatMoment(event.occurredAt) : null} kind={t("audit.event")} onClose={onClose}>
      {event ? (
        <>
          <Facts event={event} query={query} />
          {event.changes.length > 0 ? <Changes changes={event.changes} /> : null}
          <Touched event={event} />
        </>
      ) : error ? (
        <Failure trouble={troubleOf(error)} onRetry={() => again({ requestPolicy: "network-only" })} />
      ) : fetching ? (
        <section>
          <Skeleton lines={6} />
        </section>
      ) : (
        <Empty title={t("audit.absent")}>{t("audit.absentAdvice")}</Empty>
      )}
    </Panel>
  );
}

function Facts({ event, query }: { event: Event; query: AuditQuery }) {
  const t = useText();
  const { action, actor, actorKind, actorLabel, outcome, ipAddress, userAgent, requestId, id } = event;
  /** The same list narrowed by one thing more, with this event open in it. */
  const narrow = (part: Partial<AuditQuery>) => `/audit/${id}${writeQuery({ ...query, ...part })}`;
  return (
    <section>
      <dl className="facts">
        <dt>{t("audit.outcomeLabel")}</dt>
        <dd>
          <Badge tone={outcome === "DENIED" ? "bad" : "good"}>{t(`audit.outcome.${outcome}`)}</Badge>
        </dd>
        <dt>{t("audit.who")}</dt>
        <dd>
          {actor ? <Link href={`/people/${actor.id}`}>{actor.displayName}</Link> : null} {actor?.displayName === actorLabel ? null : actorLabel}
          <span className="note audit-line">{t(`audit.kind.${actorKind}`)}</span>
          {actor ? <Link href={narrow({ actor: actor.id })}>{t("audit.allByThem")}</Link> : null}
        </dd>
        <dt>{t("audit.action")}</dt>
        <dd>
          <Link href={narrow({ action })} aria-label={t("audit.allOfAction", { action })}>
            <code>{action}</code>
          </Link>
        </dd>
        {ipAddress ? (
          <>
            <dt>{t("audit.ip")}</dt>
            <dd>
              <Link href={narrow({ ip: ipAddress })} aria-label={t("audit.allFrom", { ip: ipAddress })}>
                <code>{ipAddress}</code>
              </Link>
            </dd>
          </>
        ) : null}
        {userAgent ? (
          <>
            <dt>{t("audit.program")}</dt>
            <dd>{userAgent}</dd>
          </>
        ) : null}
        {requestId ? (
          <>
            <dt>{t("audit.request")}</dt>
            <dd>
              <code>{requestId}</code>
            </dd>
          </>
        ) : null}
      </dl>
      {Object.values(query).some(Boolean) ? <Link href={`/audit/${id}${writeQuery(NO_QUERY)}`}>{t("audit.amongAll")}</Link> : null}
    </section>
  );
}

function Changes({ changes }: { changes: Event["changes"] }) {
  const t = useText();
  return (
    <section>
      <h3>{t("audit.changes")}</h3>
      <div className="scroll-x">
        <table className="table audit-changes">
          <thead>
            <tr>
              <th scope="col">{t("audit.field")}</th>
              <th scope="col">{t("audit.before")}</th>
              <th scope="col">{t("audit.after")}</th>
            </tr>
          </thead>
          <tbody>
            {changes.map(({ field, before, after }, place) => (
              <tr key={place}>
                <th scope="row">{sayField(field)}</th>
                <td>{before ? <del>{sayValue(field, before)}</del> : <span className="note">{t("audit.nothing")}</span>}</td>
                <td>{after ? <ins>{sayValue(field, after)}</ins> : <span className="note">{t("audit.nothing")}</span>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Touched({ event }: { event: Event }) {
  const t = useText();
  const { targets, targetIds } = event;
  if (targets.length === 0) return null;
  return (
    <section>
      <h3>{t("audit.touched", { count: targetIds.length })}</h3>
      <ul className="audit-targets">
        {targets.map(({ id, label, subject }) => {
          const place = placeOf(subject);
          const name = label ?? id;
          return (
            <li key={id}>
              {place ? <Link href={place}>{name}</Link> : <span>{name}</span>}{" "}
              <Link href={`/audit${writeQuery({ ...NO_QUERY, target: id })}`} className="note" aria-label={t("audit.historyOf", { name })}>
                {t("audit.history")}
              </Link>
            </li>
          );
        })}
      </ul>
      {targetIds.length > targets.length ? <p className="note">{t("audit.moreTouched", { count: targetIds.length - targets.length })}</p> : null}
    </section>
  );
}
