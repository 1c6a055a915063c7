import { useCallback, useRef } from "react";

/** The same function for as long as a component lives, which does what the one of the last drawing does: rows that are given it are not drawn anew for it. */
export function useStable<Values extends unknown[]>(work: (...values: Values) => void): (...values: Values) => void {
  const latest = useRef(work);
  latest.current = work;
  return useCallback((...values: Values) => latest.current(...values), []);
}
