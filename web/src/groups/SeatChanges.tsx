import type { SeatChangeFragment } from "../api/generated/graphql.ts";
import { Badge } from "../design/states.tsx";
import { formatNumber } from "../language/format.ts";
import { useText } from "../language/language.ts";

/** What a change of a group comes to in seats, before it is made. */
export function SeatChanges({ seats, isTaking = false }: { seats: readonly SeatChangeFragment[]; isTaking?: boolean }) {
  const t = useText();
  if (seats.length === 0) return <p className="note">{t("groups.noSeats")}</p>;
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, and the keyboard must be able to
    <div className="scroll-x" tabIndex={0} role="region" aria-label={t("groups.inSeats")}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t("bulk.product")}</th>
            {isTaking ? null : (
              <>
                <th scope="col" className="number">
                  {t("groups.required")}
                </th>
                <th scope="col" className="number">
                  {t("groups.given")}
                </th>
                <th scope="col" className="number">
                  {t("groups.waiting")}
                </th>
              </>
            )}
            <th scope="col" className="number">
              {t("groups.released")}
            </th>
          </tr>
        </thead>
        <tbody>
          {seats.map(({ product, required, given, waiting, released }) => (
            <tr key={product.id}>
              <td>{product.name}</td>
              {isTaking ? null : (
                <>
                  <td className="number">{formatNumber(required)}</td>
                  <td className="number">{formatNumber(given)}</td>
                  <td className="number">{waiting > 0 ? <Badge tone="wait">{formatNumber(waiting)}</Badge> : formatNumber(waiting)}</td>
                </>
              )}
              <td className="number">{formatNumber(released)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
