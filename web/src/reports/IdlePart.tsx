import { IdleEverywhereDocument, type IdleEverywhereQuery, type IdleEverywhereQueryVariables, type IdleSeatFragment } from "../api/generated/graphql.ts";
import { useText } from "../language/language.ts";
import { useAddress } from "../list/address.ts";
import { useWalk, type List } from "../list/walk.ts";
import { IdleSeats, readDays } from "../products/IdleSeats.tsx";

const LIST: List<IdleEverywhereQuery, IdleEverywhereQueryVariables, IdleSeatFragment> = { document: IdleEverywhereDocument, read: (data) => data.account.reclaimableSeats };

/** Seats of all products that nobody seems to need. */
export function IdlePart() {
  const t = useText();
  const { params } = useAddress();
  const walk = useWalk(LIST, { idleDays: readDays(params) });
  return (
    <>
      <p className="note">{t("reports.idleAdvice")}</p>
      <IdleSeats list={LIST} walk={walk} hasProduct />
    </>
  );
}
