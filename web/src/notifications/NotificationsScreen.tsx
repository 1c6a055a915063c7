import { useState } from "react";
import { useClient, useQuery } from "urql";
import { Link, useRoute } from "wouter";
import { MarkReadDocument, NotificationsDocument, type MarkNotificationsReadInput, type MessageFragment, type NotificationKind, type NotificationSeverity, type NotificationsQuery } from "../api/generated/graphql.ts";
import { useAttempt } from "../api/attempt.tsx";
import { useFurther } from "../api/further.ts";
import { troubleOf } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Choice } from "../design/fields.tsx";
import { Badge, Empty, Failure, Skeleton, Title, type Tone } from "../design/states.tsx";
import { formatAgo, formatMoment } from "../language/format.ts";
import { nameOf, useText } from "../language/language.ts";
import { useAddress } from "../list/address.ts";
import { useViewer } from "../session/viewer.ts";
import { laterIn } from "../shell/later.ts";
import { placeOf } from "../shell/places.ts";
import "./notifications.css";

const WaysPart = laterIn("books", () => import("./WaysPart.tsx").then(({ WaysPart }) => WaysPart));

type Viewer = NonNullable<NotificationsQuery["viewer"]>;

/** What one kind leads to, whatever it is about: the reader's own pages, and what has no place of its own. */
const PLACES: Partial<Record<NotificationKind, string>> = { CREDITS_RUNNING_OUT: "/reports/credits", CREDITS_EXHAUSTED: "/reports/credits", ACCESS_DECIDED: "/me/products" };
const TONES: Record<NotificationSeverity, Tone> = { INFO: "quiet", WARNING: "wait", CRITICAL: "bad" };

export function NotificationsScreen() {
  const t = useText();
  const [isWays] = useRoute("/notifications/ways");
  const parts = [
    { href: "/notifications", label: t("notifications.all"), isHere: !isWays },
    { href: "/notifications/ways", label: t("notifications.ways"), isHere: isWays },
  ];
  return (
    <div className="notifications">
      <div className="head">
        <Title>{t("notifications.title")}</Title>
      </div>
      <nav className="parts" aria-label={t("notifications.parts")}>
        {parts.map(({ href, label, isHere }) => (
          <Link key={href} href={href} aria-current={isHere ? "page" : undefined}>
            {label}
          </Link>
        ))}
      </nav>
      {isWays ? <WaysPart /> : <Messages />}
    </div>
  );
}

/** What the reader was told, the latest first. */
function Messages() {
  const t = useText();
  const { params, change } = useAddress();
  const { unreadNotificationCount: unread } = useViewer();
  const isUnread = params.get("show") === "unread" ? true : null;
  const [{ data, error, fetching }, again] = useQuery({ query: NotificationsDocument, variables: { after: null, isUnread }, requestPolicy: "cache-and-network" });
  const retry = () => again({ requestPolicy: "network-only" });
  const viewer = data?.viewer;
  return (
    <>
      <div className="bar">
        <Choice
          isLabelHidden
          label={t("notifications.show")}
          value={isUnread ? "unread" : "all"}
          onChange={(show) => change({ show: show === "unread" ? show : "" })}
          options={[
            { value: "all", label: t("notifications.showAll") },
            { value: "unread", label: t("notifications.showUnread") },
          ]}
        />
        <p role="status">{t("notifications.unread", { count: unread })}</p>
      </div>
      {viewer ? (
        viewer.notifications.nodes.length > 0 ? (
          <List key={String(isUnread)} first={viewer.notifications} isUnread={isUnread} unread={unread} />
        ) : (
          <Empty title={t(isUnread ? "notifications.noneUnread" : "notifications.none")}>{t("notifications.noneAdvice")}</Empty>
        )
      ) : error ? (
        <Failure trouble={troubleOf(error)} onRetry={retry} />
      ) : fetching ? (
        <Skeleton lines={6} />
      ) : null}
    </>
  );
}

function List({ first, isUnread, unread }: { first: Viewer["notifications"]; isUnread: true | null; unread: number }) {
  const t = useText();
  const client = useClient();
  const { attempt, isBusy, problems } = useAttempt();
  const { rows, hasMore, isBusy: isLoading, more } = useFurther(first, async (after) => (await client.query(NotificationsDocument, { after, isUnread }).toPromise()).data?.viewer?.notifications);
  // What was marked here: the list is not read again for it, and keeps its place.
  const [marked, mark] = useState<ReadonlySet<string>>(new Set());
  const isNew = ({ id, readAt }: MessageFragment) => !readAt && !marked.has(id);
  const read = async (input: MarkNotificationsReadInput, ids: string[]) => {
    if (await attempt(MarkReadDocument, { input }, (data) => data.markNotificationsRead)) mark((before) => new Set([...before, ...ids]));
  };
  const latest = Math.max(...rows.map(({ createdAt }) => Date.parse(createdAt)));
  return (
    <>
      {unread > 0 ? (
        <div className="actions">
          <Button isSmall isPending={isBusy} onPress={() => void read({ before: new Date(latest).toISOString() }, rows.map(({ id }) => id))}>
            {t("notifications.readAll")}
          </Button>
        </div>
      ) : null}
      {problems}
      <ul className="notification-list">
        {rows.map((one) => (
          <li key={one.id}>
            <Message notification={one} isNew={isNew(one)} onRead={() => void read({ notificationIds: [one.id] }, [one.id])} />
          </li>
        ))}
      </ul>
      {hasMore ? (
        <Button isSmall isPending={isLoading} onPress={more}>
          {t("common.more")}
        </Button>
      ) : null}
    </>
  );
}

function Message({ notification, isNew, onRead }: { notification: MessageFragment; isNew: boolean; onRead: () => void }) {
  const t = useText();
  const { kind, severity, title, body, createdAt, subject } = notification;
  const place = PLACES[kind] ?? placeOf(subject);
  return (
    <article className="card notification" data-unread={isNew || undefined}>
      <div className="notification-head">
        <h2 lang="en">
          {place ? (
            <Link href={place} onClick={isNew ? onRead : undefined}>
              {title}
            </Link>
          ) : (
            title
          )}
        </h2>
        {isNew ? <Badge tone="accent">{t("notifications.new")}</Badge> : null}
      </div>
      <p className="notification-body" lang="en">
        {body}
      </p>
      <p className="note">
        <Badge tone={TONES[severity]}>{nameOf("notifications.kind", kind)}</Badge> <time dateTime={createdAt} title={formatMoment(createdAt)}>{formatAgo(createdAt)}</time>
        {isNew ? (
          <Button look="bare" isSmall aria-label={t("notifications.readOne", { title })} onPress={onRead}>
            {t("notifications.read")}
          </Button>
        ) : null}
      </p>
    </article>
  );
}
