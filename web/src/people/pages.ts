// The pages of the list. A page begins behind the last one, so they are fetched in order, each once; what has been fetched is read from the cache.
import { useCallback, useEffect, useRef, useState } from "react";
import { useClient, type CombinedError } from "urql";
import { afterPaint } from "../list/paint.ts";
import { PeoplePageDocument, type PeoplePageQuery, type PeoplePageQueryVariables, type UserFilter, type UserOrder } from "../api/generated/graphql.ts";

export const PAGE = 100;

type Frame = NonNullable<PeoplePageQuery["account"]>;

export interface Pages {
  /** What each page that is known is asked by, in order. */
  asked: PeoplePageQueryVariables[];
  total: number | null;
  frame: Frame | null;
  error: CombinedError | null;
  /** Fetches all up to this page. */
  reach: (page: number) => void;
  again: () => void;
}

interface State {
  asked: PeoplePageQueryVariables[];
  total: number | null;
  frame: Frame | null;
  error: CombinedError | null;
}

const NOTHING: State = { asked: [], total: null, frame: null, error: null };

export function usePages(filter: UserFilter, orderBy: UserOrder): Pages {
  const client = useClient();
  const name = JSON.stringify([filter, orderBy]);
  const [state, setState] = useState<State & { name: string }>({ ...NOTHING, name });
  const [attempt, setAttempt] = useState(0);
  const wanted = useRef(0);
  const walk = useRef<(() => void) | null>(null);
  const isFirst = useRef(true);

  useEffect(() => {
    let isOver = false;
    let isWalking = false;
    let next: PeoplePageQueryVariables | null = { first: PAGE, after: null, filter, orderBy, withCount: true };
    let known: State = NOTHING;
    wanted.current = 0;
    // What was found stays in sight until the first page of the new list is there.
    const step = async () => {
      if (isWalking) return;
      isWalking = true;
      while (!isOver && next && known.asked.length <= wanted.current) {
        const variables: PeoplePageQueryVariables = next;
        const { data, error } = await client.query(PeoplePageDocument, variables).toPromise();
        if (isOver) return;
        const users = data?.account.users;
        if (!users) {
          known = { ...known, error: error ?? null };
          setState({ ...known, name });
          break;
        }
        next = users.pageInfo.hasNextPage ? { first: PAGE, after: users.pageInfo.endCursor ?? null, filter, orderBy, withCount: false } : null;
        known = {
          asked: [...known.asked, variables],
          total: known.total ?? users.totalCount ?? users.nodes.length,
          frame: known.frame ?? data.account,
          error: null,
        };
        setState({ ...known, name });
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
    // The name says all there is to say of filter and order.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [client, name, attempt]);

  const reach = useCallback((page: number) => {
    // Whoever scrolls back has no need of what is further down.
    wanted.current = page;
    walk.current?.();
  }, []);
  const again = useCallback(() => setAttempt((count) => count + 1), []);
  return { ...state, reach, again };
}
