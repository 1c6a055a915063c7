// The log, page by page, as far as somebody has scrolled.
import { useCallback, useEffect, useRef, useState } from "react";
import { useClient, type CombinedError } from "urql";
import { AuditPageDocument, type AuditEventFilter, type AuditPageQuery, type AuditRowFragment } from "../api/generated/graphql.ts";

const PAGE = 50;

interface State {
  /** The filter that these events are of; what was found for the one before stays in sight until there are others. */
  name: string | null;
  events: AuditRowFragment[];
  names: AuditPageQuery["nodes"];
  after: string | null;
  hasMore: boolean;
  error: CombinedError | null;
}

const NOTHING: State = { name: null, events: [], names: [], after: null, hasMore: false, error: null };

export function useAuditPages(filter: AuditEventFilter) {
  const client = useClient();
  const name = JSON.stringify(filter);
  const [state, setState] = useState<State>(NOTHING);
  const [attempt, setAttempt] = useState(0);
  /** What is under way, so that nothing is asked for twice. */
  const asked = useRef<string | null>(null);

  const load = useCallback(
    async (after: string | null) => {
      const key = `${name} ${String(after)}`;
      if (asked.current === key) return;
      asked.current = key;
      const named = [filter.actorId, filter.targetId].filter((id) => id !== null && id !== undefined);
      const withNames = after === null && named.length > 0;
      const { data, error } = await client.query(AuditPageDocument, { first: PAGE, after, filter, named, withNames }, { requestPolicy: "network-only" }).toPromise();
      // Another filter was chosen meanwhile.
      if (asked.current !== key) return;
      asked.current = null;
      const page = data?.account.auditEvents;
      setState((before) => {
        if (!page) return { ...before, name, events: after === null ? [] : before.events, error: error ?? null };
        const { hasNextPage, endCursor } = page.pageInfo;
        return {
          name,
          events: after === null ? page.nodes : [...before.events, ...page.nodes],
          names: after === null ? (data.nodes ?? []) : before.names,
          after: endCursor ?? null,
          hasMore: hasNextPage,
          error: null,
        };
      });
    },
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the filter is another when its name is
    [client, name],
  );
  useEffect(() => void load(null), [load, attempt]);

  const isKnown = state.name === name;
  return {
    events: state.events,
    names: state.names ?? [],
    hasMore: state.hasMore,
    error: state.error,
    isKnown,
    more: () => {
      if (isKnown && state.hasMore && !state.error) void load(state.after);
    },
    again: () => {
      setState({ ...state, error: null });
      if (state.events.length > 0) void load(state.after);
      else setAttempt(attempt + 1);
    },
  };
}

export type AuditPages = ReturnType<typeof useAuditPages>;
