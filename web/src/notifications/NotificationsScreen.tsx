import { useClient, useQuery } from "urql";
import { Link } from "wouter";
import { NotificationsDocument, type NotificationSeverity, type NotificationsQuery } from "../api/generated/graphql.ts";
import { useFurther } from "../api/further.ts";
import { troubleOf } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Badge, Empty, Failure, Skeleton, Title, type Tone } from "../design/states.tsx";
import { formatAgo, formatMoment } from "../language/format.ts";
import { nameOf, useText } from "../language/language.ts";
import { placeOf } from "../shell/places.ts";
import "./notifications.css";

type Viewer = NonNullable<NotificationsQuery["viewer"]>;
type Notification = Viewer["notifications"]["nodes"][number];

const TONES: Record<NotificationSeverity, Tone> = { INFO: "quiet", WARNING: "wait", CRITICAL: "bad" };

/** What the reader was told, the latest first. The count beside the bell is read along, and both follow the cache: whatever tells of a new one, or that one was read, writes it there. */
export function NotificationsScreen() {
  const t = useText();
  const [{ data, error, fetching }, again] = useQuery({ query: NotificationsDocument, variables: { after: null }, requestPolicy: "cache-and-network" });
  const viewer = data?.viewer;
  return (
    <div className="notifications">
      <div className="head">
        <div>
          <Title>{t("notifications.title")}</Title>
          {viewer ? <p role="status">{t("notifications.unread", { count: viewer.unreadNotificationCount })}</p> : null}
        </div>
      </div>
      {viewer ? (
        viewer.notifications.nodes.length > 0 ? (
          <List first={viewer.notifications} />
        ) : (
          <Empty title={t("notifications.none")}>{t("notifications.noneAdvice")}</Empty>
        )
      ) : error ? (
        <Failure trouble={troubleOf(error)} onRetry={() => again({ requestPolicy: "network-only" })} />
      ) : fetching ? (
        <Skeleton lines={6} />
      ) : null}
    </div>
  );
}

function List({ first }: { first: Viewer["notifications"] }) {
  const t = useText();
  const client = useClient();
  const { rows, hasMore, isBusy, more } = useFurther(first, async (after) => (await client.query(NotificationsDocument, { after }).toPromise()).data?.viewer?.notifications);
  return (
    <>
      <ul className="notification-list">
        {rows.map((one) => (
          <li key={one.id}>
            <Message notification={one} />
          </li>
        ))}
      </ul>
      {hasMore ? (
        <Button isSmall isPending={isBusy} onPress={more}>
          {t("common.more")}
        </Button>
      ) : null}
    </>
  );
}

function Message({ notification }: { notification: Notification }) {
  const t = useText();
  const { kind, severity, title, body, createdAt, readAt, subject } = notification;
  const place = placeOf(subject);
  return (
    <article className="card notification" data-unread={readAt ? undefined : true}>
      <div className="notification-head">
        <h2 lang="en">{place ? <Link href={place}>{title}</Link> : title}</h2>
        {readAt ? null : <Badge tone="accent">{t("notifications.new")}</Badge>}
      </div>
      <p className="notification-body" lang="en">
        {body}
      </p>
      <p className="note">
        <Badge tone={TONES[severity]}>{nameOf("notifications.kind", kind)}</Badge> <time dateTime={createdAt} title={formatMoment(createdAt)}>{formatAgo(createdAt)}</time>
      </p>
    </article>
  );
}
