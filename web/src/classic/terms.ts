// What holds where people are added in the classic view. Pure.

/** With one more nobody is added. */
export const MOST = 50;

/** The same list in one line, as the classic view writes lists. */
export const semicolons = (lines: string) => lines.split("\n").join("; ");

interface Bought {
  product: { id: string; name: string };
  seats?: { available: number } | null;
}

/** The products that one can get access to, with what is free of all that was bought of each. */
export function seatsOf(subscriptions: readonly Bought[]): { id: string; name: string; available: number }[] {
  const products = new Map<string, { id: string; name: string; available: number }>();
  for (const { product, seats } of subscriptions) {
    const available = (products.get(product.id)?.available ?? 0) + (seats?.available ?? 0);
    products.set(product.id, { ...product, available });
  }
  return [...products.values()];
}
