import { useState } from "react";
import { useClient, useQuery } from "urql";
import { Link } from "wouter";
import { AccessRequestsDocument, type AccessRequestsQuery, type AccessRequestStatus, type WishFragment } from "../api/generated/graphql.ts";
import { useFurther } from "../api/further.ts";
import { troubleOf } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Check, Choice } from "../design/fields.tsx";
import { Badge, Empty, Failure, Skeleton, Title, type Tone } from "../design/states.tsx";
import { formatAgo, formatDay } from "../language/format.ts";
import { useText } from "../language/language.ts";
import { oneOf, useAddress } from "../list/address.ts";
import { onDemand } from "../shell/later.ts";
import { portionOf } from "./portion.ts";
import "../list/list.css";
import "./requests.css";

const DecideDialog = onDemand(() => import("./DecideDialog.tsx").then(({ DecideDialog }) => DecideDialog));

const STATUSES: AccessRequestStatus[] = ["OPEN", "APPROVED", "DECLINED"];
const TONES: Record<AccessRequestStatus, Tone> = { OPEN: "wait", APPROVED: "good", DECLINED: "quiet" };

type Page = NonNullable<AccessRequestsQuery["account"]["accessRequests"]>;

/** What people ask for: whoever may give seats decides. */
export function RequestsScreen() {
  const t = useText();
  const { params, change } = useAddress();
  const isAll = params.get("status") === "any";
  const status = oneOf(params.get("status"), STATUSES) || "OPEN";
  const wish = { status: isAll ? null : [status] };
  const [{ data, error, fetching }, again] = useQuery({ query: AccessRequestsDocument, variables: { after: null, ...wish }, requestPolicy: "cache-and-network" });
  const retry = () => again({ requestPolicy: "network-only" });
  const requests = data?.account.accessRequests;
  return (
    <div className="requests">
      <div className="head">
        <div>
          <Title>{t("requests.title")}</Title>
          <p>{t("requests.advice")}</p>
        </div>
      </div>
      <div className="bar">
        <Choice
          isLabelHidden
          label={t("people.column.status")}
          value={isAll ? "any" : status}
          onChange={(value) => change({ status: value === "OPEN" ? "" : value })}
          options={[...STATUSES.map((one) => ({ value: one, label: t(`requests.status.${one}`) })), { value: "any", label: t("people.anyStatus") }]}
        />
        {requests ? <p role="status">{t("requests.count", { count: requests.totalCount })}</p> : null}
      </div>
      {requests ? (
        requests.nodes.length > 0 ? (
          <RequestTable key={isAll ? "any" : status} first={requests} wish={wish} onChanged={retry} />
        ) : (
          <Empty title={t(status === "OPEN" && !isAll ? "requests.noneOpen" : "requests.none")}>{t("requests.noneAdvice")}</Empty>
        )
      ) : error ? (
        <Failure trouble={troubleOf(error)} onRetry={retry} />
      ) : fetching ? (
        <Skeleton lines={6} />
      ) : null}
    </div>
  );
}

function RequestTable({ first, wish, onChanged }: { first: Page; wish: { status: AccessRequestStatus[] | null }; onChanged: () => void }) {
  const t = useText();
  const client = useClient();
  const { rows, hasMore, isBusy, more } = useFurther(first, async (after) => (await client.query(AccessRequestsDocument, { after, ...wish }).toPromise()).data?.account.accessRequests);
  const [picked, pick] = useState<ReadonlySet<string>>(new Set());
  const [asked, setAsked] = useState<{ step: "approve" | "decline"; requests: WishFragment[] } | null>(null);
  const open = rows.filter(({ status }) => status === "OPEN");
  const chosen = open.filter(({ id }) => picked.has(id));
  const portion = portionOf(open);
  const isWhole = portion.length > 0 && portion.every(({ id }) => picked.has(id));
  const turn = (ids: string[], isOn: boolean) => {
    const next = new Set(picked);
    for (const id of ids) {
      if (isOn) next.add(id);
      else next.delete(id);
    }
    pick(next);
  };
  const ask = (step: "approve" | "decline", requests: WishFragment[]) => setAsked({ step, requests: portionOf(requests) });
  return (
    <>
      {chosen.length > 0 ? (
        <div className="bulk" role="region" aria-label={t("bulk.label")}>
          <span role="status">{t("requests.selected", { count: chosen.length })}</span>
          <Button look="bare" isSmall onPress={() => pick(new Set())}>
            {t("bulk.clear")}
          </Button>
          <span className="bulk-actions">
            <Button isSmall look="main" onPress={() => ask("approve", chosen)}>
              {t("requests.approve")}
            </Button>
            <Button isSmall look="harm" onPress={() => ask("decline", chosen)}>
              {t("requests.decline")}
            </Button>
          </span>
        </div>
      ) : null}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, and the keyboard must be able to */}
      <div className="scroll-x card" tabIndex={0} role="region" aria-label={t("requests.title")}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">
                {open.length > 0 ? (
                  <Check isSelected={isWhole} onChange={(isOn) => turn(portion.map(({ id }) => id), isOn)}>
                    <span className="unseen">{t("requests.selectAll")}</span>
                  </Check>
                ) : (
                  <span className="unseen">{t("requests.select")}</span>
                )}
              </th>
              <th scope="col">{t("people.column.person")}</th>
              <th scope="col">{t("bulk.product")}</th>
              <th scope="col">{t("requests.note")}</th>
              <th scope="col">{t("people.column.status")}</th>
              <th scope="col">
                <span className="unseen">{t("requests.decide")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((request) => {
              const { id, user, product, note, answer, status, createdAt, decidedAt, decidedBy } = request;
              return (
                <tr key={id}>
                  <td>
                    {status === "OPEN" ? (
                      <Check isSelected={picked.has(id)} onChange={(isOn) => turn([id], isOn)}>
                        <span className="unseen">{t("requests.selectOne", { name: user.displayName, product: product.name })}</span>
                      </Check>
                    ) : null}
                  </td>
                  <td>
                    <Link href={`/people/${user.id}`} className="person-name">
                      {user.displayName}
                    </Link>
                    {user.displayName === user.email ? null : <span className="note requests-under">{user.email}</span>}
                  </td>
                  <td>
                    <Link href={`/products/${product.id}`}>{product.name}</Link>
                    {product.seats ? <span className="note requests-under">{t("seats.free", { count: product.seats.available })}</span> : null}
                  </td>
                  <td className="requests-note">
                    {note ?? "–"}
                    {answer ? <span className="note requests-under">{t("requests.answered", { answer })}</span> : null}
                  </td>
                  <td>
                    <Badge tone={TONES[status]}>{t(`requests.status.${status}`)}</Badge>
                    <span className="note requests-under">
                      {decidedAt ? `${formatDay(decidedAt)}${decidedBy ? ` · ${decidedBy.displayName}` : ""}` : formatAgo(createdAt)}
                    </span>
                  </td>
                  <td>
                    {status === "OPEN" ? (
                      <span className="actions">
                        <Button isSmall aria-label={t("requests.approveOne", { name: user.displayName, product: product.name })} onPress={() => ask("approve", [request])}>
                          {t("requests.approve")}
                        </Button>
                        <Button isSmall look="bare" aria-label={t("requests.declineOne", { name: user.displayName, product: product.name })} onPress={() => ask("decline", [request])}>
                          {t("requests.decline")}
                        </Button>
                      </span>
                    ) : null}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {hasMore ? (
        <Button isSmall isPending={isBusy} onPress={more}>
          {t("common.more")}
        </Button>
      ) : null}
      {asked ? (
        <DecideDialog
          step={asked.step}
          requests={asked.requests}
          onClose={(isDone) => {
            setAsked(null);
            if (!isDone) return;
            pick(new Set());
            onChanged();
          }}
        />
      ) : null}
    </>
  );
}
