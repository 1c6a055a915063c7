import type { ForecastFragment } from "../api/generated/graphql.ts";
import { formatDay, formatNumber } from "../language/format.ts";
import { currentLocale, useText } from "../language/language.ts";

/** When the seats will be taken if it goes on so, and what that rests on. */
export function ForecastCard({ forecast }: { forecast: ForecastFragment }) {
  const t = useText();
  const { seats, usedNow, usedThen, from, to, samples, growthPerDay, fullOn } = forecast;
  const growth = growthPerDay === null || growthPerDay === undefined ? null : Number(growthPerDay);
  const perDay = growth === null ? "" : new Intl.NumberFormat(currentLocale(), { maximumFractionDigits: 2, signDisplay: "exceptZero" }).format(growth);
  if (seats === 0) return null;
  return (
    <section className="card product-forecast" aria-label={t("forecast.title")}>
      <p>
        {usedNow >= seats
          ? t("forecast.fullNow")
          : fullOn
            ? t("forecast.fullOn", { day: formatDay(fullOn) })
            : growth === null
              ? t("forecast.tooEarly")
              : growth > 0
                ? t("forecast.farAway")
                : t("forecast.noGrowth")}
      </p>
      <p className="note">
        {t("forecast.basis", { then: formatNumber(usedThen), from: formatDay(from), now: formatNumber(usedNow), to: formatDay(to), seats: formatNumber(seats) })}
        {perDay ? ` ${t("forecast.growth", { growth: perDay })}` : ""} {t("forecast.samples", { count: samples })}
      </p>
    </section>
  );
}
