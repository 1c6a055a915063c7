import { useSubscription } from "urql";
import { WatchSeatsDocument } from "../api/generated/graphql.ts";

/** Follows the seats of a product. What it hears is written over the product in the cache, and seen wherever that is drawn. */
export function useLiveSeats(id: string, isWatched = true) {
  useSubscription({ query: WatchSeatsDocument, variables: { id }, pause: !isWatched });
}
