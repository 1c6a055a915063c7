// A list of any length, page by page. A page begins behind the last one, so they are fetched in order, each once; what was fetched is read from the cache.
import { useCallback, useEffect, useRef, useState } from "react";
import { useClient, type Client, type CombinedError, type TypedDocumentNode } from "urql";
import { afterPaint } from "./paint.ts";

export const PAGE = 100;

interface Connection<Row> {
  nodes: readonly Row[];
  pageInfo: { hasNextPage: boolean; endCursor?: string | null };
  totalCount?: number;
}

/** What every query of a list is asked with. `withCount` is true for the first page, and brings whatever the screen needs beside its rows. */
export interface Paged {
  first: number;
  after?: string | null | undefined;
  withCount: boolean;
}

/** A list that can be walked: its query, and where its rows are in the answer. */
export interface List<Data, Variables extends Paged, Row> {
  document: TypedDocumentNode<Data, Variables>;
  read: (data: Data) => Connection<Row> | null | undefined;
}

export interface Walk<Variables> {
  /** What each page that is known is asked by, in order. */
  asked: Variables[];
  total: number | null;
  /** The thing that the list is of is not there. */
  isAbsent: boolean;
  error: CombinedError | null;
  /** Fetches all up to this page. */
  reach: (page: number) => void;
  again: () => void;
}

interface State<Variables> {
  asked: Variables[];
  total: number | null;
  isAbsent: boolean;
  error: CombinedError | null;
}

export function useWalk<Data, Variables extends Paged, Row>({ document, read }: List<Data, Variables, Row>, wish: Omit<Variables, keyof Paged>): Walk<Variables> {
  const client = useClient();
  const name = JSON.stringify(wish);
  const nothing: State<Variables> = { asked: [], total: null, isAbsent: false, error: null };
  const [state, setState] = useState(nothing);
  const [attempt, setAttempt] = useState(0);
  const wanted = useRef(0);
  const walk = useRef<(() => void) | null>(null);
  const isFirst = useRef(true);

  useEffect(() => {
    let isOver = false;
    let isWalking = false;
    const page = (after: string | null) => ({ ...wish, first: PAGE, after, withCount: after === null }) as unknown as Variables;
    let next: Variables | null = page(null);
    let known: State<Variables> = { asked: [], total: null, isAbsent: false, error: null };
    wanted.current = 0;
    // What was found stays in sight until the first page of the new list is there.
    const step = async () => {
      if (isWalking) return;
      isWalking = true;
      while (!isOver && next && known.asked.length <= wanted.current) {
        const variables: Variables = next;
        const { data, error } = await client.query(document, variables, { requestPolicy: "network-only" }).toPromise();
        if (isOver) return;
        const rows = data && read(data);
        if (!rows) {
          known = { ...known, error: error ?? null, isAbsent: !error };
          setState(known);
          break;
        }
        next = rows.pageInfo.hasNextPage ? page(rows.pageInfo.endCursor ?? null) : null;
        known = { asked: [...known.asked, variables], total: known.total ?? rows.totalCount ?? rows.nodes.length, isAbsent: false, error: null };
        setState(known);
      }
      isWalking = false;
    };
    walk.current = () => void step();
    // The first list is asked for at once; another one, once the wish for it is seen to be heard.
    const callOff = isFirst.current ? undefined : afterPaint(() => void step());
    if (isFirst.current) void step();
    isFirst.current = false;
    return () => {
      isOver = true;
      callOff?.();
      walk.current = null;
    };
    // The name says all there is to say of what is wished for.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [client, document, name, attempt]);

  const reach = useCallback((page: number) => {
    // Whoever scrolls back has no need of what is further down.
    wanted.current = page;
    walk.current?.();
  }, []);
  const again = useCallback(() => setAttempt((count) => count + 1), []);
  return { ...state, reach, again };
}

/** Every row of a list, read to its end, beginning with what its first page is asked by. */
export async function everyRow<Data, Variables extends Paged, Row>(client: Client, { document, read }: List<Data, Variables, Row>, first: Variables | undefined): Promise<Row[]> {
  const rows: Row[] = [];
  let variables = first;
  while (variables) {
    const { data, error } = await client.query(document, variables).toPromise();
    const page = data && read(data);
    if (!page) throw error ?? new Error("The list could not be read.");
    rows.push(...page.nodes);
    variables = page.pageInfo.hasNextPage ? { ...variables, after: page.pageInfo.endCursor ?? null, withCount: false } : undefined;
  }
  return rows;
}
