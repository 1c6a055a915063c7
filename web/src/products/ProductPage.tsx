import { Suspense } from "react";
import { Link } from "wouter";
import type { ForecastFragment, ProductHeadFragment } from "../api/generated/graphql.ts";
import { Empty, SeatMeter, Title } from "../design/states.tsx";
import { formatDay, formatNumber } from "../language/format.ts";
import { useText } from "../language/language.ts";
import { laterIn } from "../shell/later.ts";
import { HoldersPart } from "./HoldersPart.tsx";
import { lastGrace } from "./days.ts";
import { useLiveSeats } from "./live.ts";
import { UnneededPart } from "./UnneededPart.tsx";
import { WaitingPart } from "./WaitingPart.tsx";

const ForecastCard = laterIn("books", () => import("./ForecastCard.tsx").then(({ ForecastCard }) => ForecastCard));

export type Part = "" | "waiting" | "unneeded";

/** One product: who has it, who waits for it, and who seems not to need it. */
export function ProductPage({ id, part }: { id: string; part: string }) {
  useLiveSeats(id);
  switch (part) {
    case "waiting":
      return <WaitingPart id={id} />;
    case "unneeded":
      return <UnneededPart id={id} />;
    default:
      return <HoldersPart id={id} />;
  }
}

export function Absent() {
  const t = useText();
  return (
    <>
      <Title>{t("products.title")}</Title>
      <Empty title={t("products.absent")} action={<Link href="/products">{t("products.all")}</Link>} />
    </>
  );
}

interface HeadProps {
  id: string;
  part: Part;
  product: ProductHeadFragment | null;
  waiting: number | null;
  forecast?: ForecastFragment | null;
}

/** What stands above each part: the seats, live, and the way to the others. */
export function ProductTop({ id, part, product, waiting, forecast }: HeadProps) {
  const t = useText();
  const seats = product?.seats;
  const running = (product?.subscriptions?.nodes ?? []).filter(({ status }) => status === "ACTIVE" || status === "TRIAL" || status === "PAST_DUE");
  const soonest = running.map(({ endsOn }) => endsOn).sort()[0];
  const grace = lastGrace(product?.subscriptions?.nodes);
  const parts: { part: Part; label: string }[] = [
    { part: "", label: t("products.who") },
    { part: "waiting", label: t("products.waitlist") },
    { part: "unneeded", label: t("products.unneeded") },
  ];
  return (
    <>
      <div className="head">
        <div>
          <Link href="/products" className="crumb">
            {t("products.title")}
          </Link>
          <Title>{product?.name ?? t("products.title")}</Title>
          {product ? (
            <p className="note">
              {product.code} · {t(`kind.${product.kind}`)} · {soonest ? t("products.until", { day: formatDay(soonest), count: running.length }) : t("products.noSubscription")}
              {grace ? ` · ${t("products.lapsed", { day: formatDay(grace) })}` : ""}
            </p>
          ) : null}
        </div>
      </div>
      {product && seats ? (
        <section className="card product-seats" aria-label={t("imports.seats")}>
          <SeatMeter seats={seats} label={product.name} />
          <dl>
            <Figure label={t("seats.used")} value={seats.used - seats.pending} />
            <Figure label={t("seats.pending")} value={seats.pending} />
            <Figure label={t("seats.freeWord")} value={seats.available} />
            {waiting === null ? null : <Figure label={t("seats.waitingWord")} value={waiting} />}
          </dl>
        </section>
      ) : null}
      {forecast ? (
        <Suspense>
          <ForecastCard forecast={forecast} />
        </Suspense>
      ) : null}
      <nav className="parts" aria-label={t("products.parts")}>
        {parts.map((one) => (
          <Link key={one.part} href={`/products/${id}${one.part ? `/${one.part}` : ""}`} aria-current={one.part === part ? "page" : undefined}>
            {one.label}
          </Link>
        ))}
      </nav>
    </>
  );
}

const Figure = ({ label, value }: { label: string; value: number }) => (
  <div className="figure">
    <dt>{label}</dt>
    <dd>{formatNumber(value)}</dd>
  </div>
);
