import { useEffect, useRef, useState } from "react";
import { useClient, useQuery } from "urql";
import { Link } from "wouter";
import { HoldersDocument, type HoldersQuery, type HoldersQueryVariables } from "../api/generated/graphql.ts";
import { troubleOf } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { SearchInput } from "../design/fields.tsx";
import { Empty, Failure, SeatMeter, Skeleton } from "../design/states.tsx";
import { formatDay } from "../language/format.ts";
import { useText } from "../language/language.ts";

const PAGE = 50;
const PAUSE = 160;

/** Who has a seat of one product. */
export function Holders({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useText();
  const [typed, setTyped] = useState("");
  const [search, setSearch] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSearch(typed.trim()), PAUSE);
    return () => clearTimeout(timer);
  }, [typed]);
  const variables: HoldersQueryVariables = { id, first: PAGE, after: null, search: search || null };
  const [{ data, error, fetching }, again] = useQuery({ query: HoldersDocument, variables, requestPolicy: "cache-and-network" });
  const heading = useRef<HTMLHeadingElement>(null);
  const product = data?.product;
  const isThere = Boolean(product);
  useEffect(() => {
    if (isThere) heading.current?.focus({ preventScroll: true });
  }, [isThere]);
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape closes it from wherever the focus is within
    <aside
      className="panel card"
      aria-label={product?.name ?? t("common.loading")}
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.defaultPrevented) onClose();
      }}
    >
      <div className="panel-head">
        <div>
          <h2 ref={heading} tabIndex={-1}>
            {product?.name ?? t("products.title")}
          </h2>
          {product ? <p>{t("products.holders", { count: product.assignments?.totalCount ?? 0 })}</p> : null}
        </div>
        <Button look="bare" isSmall icon="close" aria-label={t("common.close")} onPress={onClose} />
      </div>
      {product ? (
        <section>
          {product.seats ? <SeatMeter seats={product.seats} label={product.name} /> : null}
          <SearchInput label={t("people.search")} value={typed} onChange={setTyped} />
          <HolderList first={product.assignments} variables={variables} key={search} />
          <Link href={`/people?product=${id}`}>{t("products.inPeople")}</Link>
        </section>
      ) : error ? (
        <Failure trouble={troubleOf(error)} onRetry={() => again({ requestPolicy: "network-only" })} />
      ) : fetching ? (
        <section>
          <Skeleton lines={6} />
        </section>
      ) : (
        <Empty title={t("products.absent")} />
      )}
    </aside>
  );
}

type Assignments = NonNullable<HoldersQuery["product"]>["assignments"];

function HolderList({ first, variables }: { first: Assignments; variables: HoldersQueryVariables }) {
  const t = useText();
  const client = useClient();
  const [further, setFurther] = useState<NonNullable<Assignments>[]>([]);
  const [isBusy, setBusy] = useState(false);
  const pages = first ? [first, ...further] : [];
  const last = pages.at(-1)?.pageInfo;
  const more = async () => {
    setBusy(true);
    const { data } = await client.query(HoldersDocument, { ...variables, after: last?.endCursor ?? null }).toPromise();
    setBusy(false);
    const next = data?.product?.assignments;
    if (next) setFurther([...further, next]);
  };
  const seats = pages.flatMap(({ nodes }) => nodes);
  if (seats.length === 0) return <p className="note">{variables.search ? t("people.noneMatch") : t("products.nobody")}</p>;
  return (
    <>
      <ul className="holders">
        {seats.map(({ id, user, assignedAt }) => (
          <li key={id}>
            <Link href={`/people/${user.id}`}>{user.displayName}</Link>
            <span className="note">
              {user.email} · {t("person.since", { day: formatDay(assignedAt) })}
            </span>
          </li>
        ))}
      </ul>
      {last?.hasNextPage ? (
        <Button isSmall isPending={isBusy} onPress={() => void more()}>
          {t("common.more")}
        </Button>
      ) : null}
    </>
  );
}
