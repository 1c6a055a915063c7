import { useState, type ReactNode } from "react";
import { useClient, useQuery } from "urql";
import { OwnProductsDocument, type AccessRequestStatus, type OwnProductsQuery, type OwnProductsQueryVariables, type OwnRequestFragment, type OwnSeatFragment } from "../api/generated/graphql.ts";
import { useFurther } from "../api/further.ts";
import { troubleOf } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Badge, Empty, Failure, Skeleton, type Tone } from "../design/states.tsx";
import { formatDay, formatList } from "../language/format.ts";
import { nameOf, useText } from "../language/language.ts";
import { RequestProduct, type Wanted } from "./RequestProduct.tsx";

type Own = NonNullable<OwnProductsQuery["viewer"]>;

const TONES: Record<AccessRequestStatus, Tone> = { OPEN: "wait", APPROVED: "good", DECLINED: "bad" };

/** The seats one has, the products one may ask for, and what became of what one asked for. */
export function OwnProducts() {
  const t = useText();
  const [{ data, error, fetching }, again] = useQuery({ query: OwnProductsDocument, variables: {}, requestPolicy: "cache-and-network" });
  const viewer = data?.viewer;
  if (viewer) return <Parts viewer={viewer} />;
  if (error) return <Failure trouble={troubleOf(error)} onRetry={() => again({ requestPolicy: "network-only" })} />;
  return fetching ? <Skeleton lines={6} /> : <Empty title={t("me.noProducts")} />;
}

function Parts({ viewer }: { viewer: Own }) {
  const t = useText();
  const client = useClient();
  const [wanted, setWanted] = useState<Wanted | null>(null);
  const load = async (variables: OwnProductsQueryVariables) => (await client.query(OwnProductsDocument, variables).toPromise()).data?.viewer;
  const seats = useFurther(viewer.user.assignments, async (after) => (await load({ seatsAfter: after }))?.user.assignments);
  const products = useFurther(viewer.requestableProducts, async (after) => (await load({ productsAfter: after }))?.requestableProducts);
  const requests = useFurther(viewer.accessRequests, async (after) => (await load({ requestsAfter: after }))?.accessRequests);
  const open = new Set(requests.rows.filter(({ status }) => status === "OPEN").map(({ product }) => product.id));
  const close = (isDone: boolean) => {
    setWanted(null);
    if (isDone) void client.query(OwnProductsDocument, {}, { requestPolicy: "network-only" }).toPromise();
  };
  return (
    <>
      <Part title={t("me.seats")} pages={seats} none={t("me.noProducts")}>
        {seats.rows.map((seat) => (
          <Seat key={seat.id} seat={seat} />
        ))}
      </Part>
      <Part title={t("me.requestable")} pages={products} none={t("me.noRequestable")}>
        {products.rows.map((product) => (
          <li key={product.id} className="me-item">
            <div>
              <h3>{product.name}</h3>
              {product.description ? <p className="note">{product.description}</p> : null}
            </div>
            {open.has(product.id) ? (
              <Badge tone="wait">{t("me.asked")}</Badge>
            ) : (
              <Button isSmall aria-label={t("me.requestOf", { product: product.name })} onPress={() => setWanted(product)}>
                {t("me.request")}
              </Button>
            )}
          </li>
        ))}
      </Part>
      <Part title={t("me.requests")} pages={requests} none={t("me.noRequests")}>
        {requests.rows.map((request) => (
          <Request key={request.id} request={request} />
        ))}
      </Part>
      {wanted ? <RequestProduct product={wanted} onClose={close} /> : null}
    </>
  );
}

interface PartProps {
  title: string;
  none: string;
  pages: { rows: readonly unknown[]; hasMore: boolean; isBusy: boolean; more: () => void };
  children: ReactNode;
}

function Part({ title, none, pages, children }: PartProps) {
  const t = useText();
  return (
    <section className="card me-part" aria-label={title}>
      <h2>{title}</h2>
      {pages.rows.length > 0 ? <ul className="me-list">{children}</ul> : <p className="note">{none}</p>}
      {pages.hasMore ? (
        <Button isSmall isPending={pages.isBusy} onPress={pages.more}>
          {t("common.more")}
        </Button>
      ) : null}
    </section>
  );
}

function Seat({ seat }: { seat: OwnSeatFragment }) {
  const t = useText();
  const { product, components, assignedAt, expiresOn, isLapsed, graceEndsOn } = seat;
  const names = (isEnabled: boolean) => formatList(components.filter((one) => one.isEnabled === isEnabled).map(({ component }) => component.name));
  const off = names(false);
  return (
    <li className="me-item">
      <div>
        <h3>{product.name}</h3>
        {product.description ? <p>{product.description}</p> : null}
        {components.length > 0 ? <p className="note">{t("me.partsOn", { parts: names(true) })}</p> : null}
        {off ? <p className="note">{t("me.partsOff", { parts: off })}</p> : null}
        <p className="note">
          {t("me.since", { day: formatDay(assignedAt) })}
          {expiresOn ? ` · ${t("me.until", { day: formatDay(expiresOn) })}` : ""}
        </p>
      </div>
      {isLapsed ? <Badge tone="bad">{graceEndsOn ? t("me.lapsedGrace", { day: formatDay(graceEndsOn) }) : t("me.lapsed")}</Badge> : null}
    </li>
  );
}

function Request({ request }: { request: OwnRequestFragment }) {
  const t = useText();
  const { product, status, note, answer, createdAt, decidedAt } = request;
  return (
    <li className="me-item">
      <div>
        <h3>{product.name}</h3>
        {note ? <p>{note}</p> : null}
        {answer ? <p>{t("me.answer", { answer })}</p> : null}
        <p className="note">
          {t("me.askedOn", { day: formatDay(createdAt) })}
          {decidedAt ? ` · ${t("me.decidedOn", { day: formatDay(decidedAt) })}` : ""}
        </p>
      </div>
      <Badge tone={TONES[status]}>{nameOf("me.request", status)}</Badge>
    </li>
  );
}
