import { Badge } from "../design/states.tsx";
import { formatNumber } from "../language/format.ts";
import { nameOf, useText } from "../language/language.ts";
import { ImportColumns } from "./ImportColumns.tsx";
import type { FullImport } from "./ImportPage.tsx";
import { toneOf } from "./phases.ts";

/** What would happen, before it does. */
export function ImportPreview({ one }: { one: FullImport }) {
  const t = useText();
  const { preview } = one;
  if (!preview) return null;
  return (
    <>
      <section className="card import-part">
        <h2>{t("imports.wouldHappen")}</h2>
        <ul className="counts">
          {preview.outcomeCounts.map(({ outcome, count }) => (
            <li key={outcome}>
              <strong>{formatNumber(count)}</strong>
              <Badge tone={toneOf(outcome)}>{nameOf("outcome", outcome)}</Badge>
            </li>
          ))}
          <li>
            <strong>{formatNumber(preview.mailCount)}</strong>
            <Badge tone="accent">{t("imports.mails")}</Badge>
          </li>
        </ul>
        {preview.switchedOff.length > 0 ? (
          <div className="notice notice-wait">
            <ul>
              {preview.switchedOff.map(({ component, count }) => (
                <li key={component.id}>{t("imports.switchedOff", { component: component.name, count })}</li>
              ))}
            </ul>
          </div>
        ) : null}
        <p className="note">{t("imports.read", { count: preview.rowCount, encoding: preview.detectedEncoding })}</p>
      </section>
      <div className="import-columns">
        {preview.seatNeeds.length > 0 ? (
          <section className="card import-part scroll-x">
            <h2>{t("imports.seats")}</h2>
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">{t("bulk.product")}</th>
                  <th scope="col" className="number">
                    {t("imports.seatsBefore")}
                  </th>
                  <th scope="col" className="number">
                    {t("imports.seatsNeeded")}
                  </th>
                  <th scope="col" className="number">
                    {t("imports.seatsAfter")}
                  </th>
                </tr>
              </thead>
              <tbody>
                {preview.seatNeeds.map(({ subscription, required, available, freed }) => {
                  const after = available + freed - required;
                  return (
                    <tr key={subscription.id}>
                      <td>{subscription.product.name}</td>
                      <td className="number">{formatNumber(available)}</td>
                      <td className="number">{formatNumber(required)}</td>
                      <td className="number">{after < 0 ? <Badge tone="bad">{t("imports.missing", { count: -after })}</Badge> : formatNumber(after)}</td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </section>
        ) : null}
        <ImportColumns one={one} />
      </div>
    </>
  );
}
