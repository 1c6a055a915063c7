// What the address bar holds of a screen: searches, filters, order. What is typed is in it once the typing rests.
import { useCallback, useEffect, useMemo, useState, useTransition } from "react";
import { useLocation, useSearch } from "wouter";

/** How long somebody types before they are answered. */
const PAUSE = 160;

export interface Address {
  params: URLSearchParams;
  /** Writes these names; what is empty is left out. */
  change: (values: Record<string, string>) => void;
  /** What stands in the field of the search. */
  typed: string;
  type: (text: string) => void;
}

export function useAddress(): Address {
  const search = useSearch();
  const [location, navigate] = useLocation();
  const params = useMemo(() => new URLSearchParams(search), [search]);
  const [typed, setTyped] = useState<string | null>(null);
  const [, startTransition] = useTransition();
  const change = useCallback(
    (values: Record<string, string>) => {
      const next = new URLSearchParams(params);
      for (const [name, value] of Object.entries(values)) {
        if (value) next.set(name, value);
        else next.delete(name);
      }
      const text = next.toString();
      startTransition(() => navigate(`${location}${text ? `?${text}` : ""}`, { replace: true }));
    },
    [params, location, navigate],
  );
  useEffect(() => {
    if (typed === null) return;
    const timer = setTimeout(() => {
      change({ q: typed });
      setTyped(null);
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [typed, change]);
  return { params, change, typed: typed ?? params.get("q") ?? "", type: setTyped };
}

/** `-NAME`: by the name, descending. */
export function readOrder<Field extends string>(params: URLSearchParams, known: readonly Field[], usual: { field: Field; isDescending: boolean }): { field: Field; isDescending: boolean } {
  const order = params.get("order");
  const field = known.find((one) => one === order?.replace(/^-/, ""));
  return field && order ? { field, isDescending: order.startsWith("-") } : usual;
}

export const oneOf = <T extends string>(value: string | null, known: readonly T[]): T | "" => known.find((one) => one === value) ?? "";
