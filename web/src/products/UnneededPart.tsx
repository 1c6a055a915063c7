import { useQuery } from "urql";
import { ReclaimableDocument, type IdleSeatFragment, type ReclaimableQuery, type ReclaimableQueryVariables } from "../api/generated/graphql.ts";
import { useAddress } from "../list/address.ts";
import { useWalk, type List } from "../list/walk.ts";
import { IdleSeats, readDays } from "./IdleSeats.tsx";
import { Absent, ProductTop } from "./ProductPage.tsx";

const LIST: List<ReclaimableQuery, ReclaimableQueryVariables, IdleSeatFragment> = { document: ReclaimableDocument, read: (data) => data.account.reclaimableSeats };

/** Seats of one product that nobody seems to need. */
export function UnneededPart({ id }: { id: string }) {
  const { params } = useAddress();
  const walk = useWalk(LIST, { id, idleDays: readDays(params) });
  const [{ data }] = useQuery({ query: ReclaimableDocument, variables: walk.asked[0] ?? { id, idleDays: 1, first: 0, withCount: false }, pause: !walk.asked[0] });
  const product = data?.product ?? null;
  if (data && walk.asked[0] && !product) return <Absent />;
  return (
    <div className="full">
      <ProductTop id={id} part="unneeded" product={product} waiting={data?.account.waitlist?.totalCount ?? null} />
      <IdleSeats list={LIST} walk={walk} hasProduct={false} />
    </div>
  );
}
