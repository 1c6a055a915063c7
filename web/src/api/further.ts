// Pages behind the first one, fetched when somebody asks for more.
import { useEffect, useState } from "react";

export interface PageOf<Row> {
  nodes: readonly Row[];
  pageInfo: { hasNextPage: boolean; endCursor?: string | null };
}

export function useFurther<Row>(first: PageOf<Row> | null | undefined, load: (after: string | null) => Promise<PageOf<Row> | null | undefined>) {
  const [further, setFurther] = useState<PageOf<Row>[]>([]);
  const [isBusy, setBusy] = useState(false);
  // Another first page: what was fetched behind the former one does not follow on it.
  const begins = first?.pageInfo.endCursor ?? null;
  useEffect(() => setFurther([]), [begins]);
  const pages = first ? [first, ...further] : [];
  const last = pages.at(-1)?.pageInfo;
  const more = async () => {
    setBusy(true);
    const next = await load(last?.endCursor ?? null);
    setBusy(false);
    if (next) setFurther((before) => [...before, next]);
  };
  return { rows: pages.flatMap(({ nodes }) => nodes), hasMore: last?.hasNextPage ?? false, isBusy, more: () => void more() };
}
