import type { ProductHeadFragment, UserFilter } from "../api/generated/graphql.ts";
import { BulkDialog } from "../people/BulkDialog.tsx";
import { ACTIONS } from "../people/actions.ts";
import type { Selection } from "../people/selection.ts";

interface TakeProps {
  id: string;
  product: ProductHeadFragment;
  selection: Selection;
  matching: number;
  filter: UserFilter;
  onClose: (isDone?: boolean) => void;
  onJob: (id: string) => void;
}

const TAKE = ACTIONS.find(({ name }) => name === "take");

/** Seats of this product are taken back as in the list of people. */
export function TakeDialog({ id, product, selection, matching, filter, onClose, onJob }: TakeProps) {
  if (!TAKE) return null;
  return (
    <BulkDialog action={TAKE} selection={selection} matching={matching} filter={filter} orderBy={{ field: "DISPLAY_NAME" }} products={[{ id, name: product.name, seats: product.seats ?? null }]} onClose={onClose} onJob={onJob} />
  );
}
