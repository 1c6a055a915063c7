import { useState } from "react";
import { useQuery } from "urql";
import { Link, useRoute } from "wouter";
import { ProductsDocument, type ProductsQuery } from "../api/generated/graphql.ts";
import { troubleOf } from "../api/trouble.ts";
import { SearchInput } from "../design/fields.tsx";
import { Badge, Empty, Failure, SeatMeter, Skeleton, Title } from "../design/states.tsx";
import { formatDay } from "../language/format.ts";
import { useText } from "../language/language.ts";
import { ProductPage } from "./ProductPage.tsx";
import { lastGrace } from "./days.ts";
import { useLiveSeats } from "./live.ts";
import "./products.css";

type Product = NonNullable<ProductsQuery["account"]["products"]>["nodes"][number];

export function ProductsScreen() {
  const [, route] = useRoute("/products/:id/:part?");
  return route ? <ProductPage key={route.id} id={route.id} part={route.part ?? ""} /> : <Products />;
}

/** So many are watched; a socket takes no more than fifty operations at a time. */
const WATCHED = 40;

function Products() {
  const t = useText();
  const [{ data, error, fetching }, again] = useQuery({ query: ProductsDocument, requestPolicy: "cache-and-network" });
  const [search, setSearch] = useState("");
  const all = data?.account.products?.nodes;
  const waiting = data?.account.waitlist?.nodes ?? [];
  const hasMore = data?.account.waitlist?.pageInfo.hasNextPage ?? false;
  const wanted = search.trim().toLocaleLowerCase();
  const shown = (all ?? []).filter(({ name, code }) => `${name} ${code}`.toLocaleLowerCase().includes(wanted));
  return (
    <div className="products">
      <div className="head">
        <div>
          <Title>{t("products.title")}</Title>
          {all ? <p>{t("products.count", { count: all.length })}</p> : null}
        </div>
        {all && all.length > 8 ? <SearchInput label={t("products.search")} value={search} onChange={setSearch} /> : null}
      </div>
      {!all ? (
        error ? (
          <Failure trouble={troubleOf(error)} onRetry={() => again({ requestPolicy: "network-only" })} />
        ) : fetching ? (
          <Skeleton lines={6} />
        ) : null
      ) : all.length === 0 ? (
        <Empty title={t("products.none")}>{t("products.noneAdvice")}</Empty>
      ) : shown.length === 0 ? (
        <Empty title={t("products.noneMatch")} />
      ) : (
        <>
          <p className="legend note">
            <span className="legend-used" aria-hidden="true" /> {t("seats.used")} <span className="legend-pending" aria-hidden="true" /> {t("seats.pending")}{" "}
            <span className="legend-free" aria-hidden="true" /> {t("seats.freeWord")}
          </p>
          <ul className="product-cards">
            {shown.map((product, place) => (
              <li key={product.id}>
                <Card product={product} waiting={waiting.filter((entry) => entry.product.id === product.id).length} isAllKnown={!hasMore} isWatched={place < WATCHED} />
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

interface CardProps {
  product: Product;
  waiting: number;
  isAllKnown: boolean;
  isWatched: boolean;
}

function Card({ product, waiting, isAllKnown, isWatched }: CardProps) {
  const t = useText();
  useLiveSeats(product.id, isWatched);
  const { seats } = product;
  const subscriptions = product.subscriptions?.nodes ?? [];
  const running = subscriptions.filter(({ status }) => status === "ACTIVE" || status === "TRIAL" || status === "PAST_DUE");
  const soonest = running.map(({ endsOn }) => endsOn).sort()[0];
  const grace = lastGrace(subscriptions);
  return (
    <article className="card product-card">
      <div className="product-head">
        <h2>
          <Link href={`/products/${product.id}`}>{product.name}</Link>
        </h2>
        {seats && seats.total > 0 && seats.available === 0 ? <Badge tone="bad">{t("seats.full")}</Badge> : null}
      </div>
      <p className="note">
        {product.code} · {t(`kind.${product.kind}`)}
      </p>
      {seats ? (
        <>
          <SeatMeter seats={seats} label={product.name} />
          <p className="note">
            {t("seats.free", { count: seats.available })}
            {waiting > 0 ? ` · ${isAllKnown ? t("seats.waiting", { count: waiting }) : t("seats.waitingAtLeast", { count: waiting })}` : ""}
            {seats.pending > 0 ? ` · ${t("seats.pendingCount", { count: seats.pending })}` : ""}
          </p>
        </>
      ) : null}
      <p className="note">{soonest ? t("products.until", { day: formatDay(soonest), count: running.length }) : t("products.noSubscription")}{grace ? ` · ${t("products.lapsed", { day: formatDay(grace) })}` : ""}</p>
    </article>
  );
}
