// Use and credits of one person, told by product: where either is known of a product, it has a line. Pure.

interface Product {
  id: string;
  name: string;
}

interface Used {
  product: Product;
  daysUsed: number;
  sessions: number;
  minutes: number;
  lastUsedOn: string;
}

interface Consumed {
  product: Product;
  consumed: string | number;
  lastUsedOn: string;
}

export interface Line extends Product {
  daysUsed: number;
  sessions: number;
  minutes: number;
  credits: number;
  lastUsedOn: string;
}

/** The product used last first. */
export function sumUp(used: readonly Used[], consumed: readonly Consumed[]): Line[] {
  const lines = new Map<string, Line>();
  for (const { product, ...sums } of used) lines.set(product.id, { id: product.id, name: product.name, daysUsed: sums.daysUsed, sessions: sums.sessions, minutes: sums.minutes, lastUsedOn: sums.lastUsedOn, credits: 0 });
  for (const { product, consumed: credits, lastUsedOn } of consumed) {
    const line = lines.get(product.id) ?? { id: product.id, name: product.name, daysUsed: 0, sessions: 0, minutes: 0, credits: 0, lastUsedOn };
    lines.set(product.id, { ...line, credits: Number(credits), lastUsedOn: line.lastUsedOn > lastUsedOn ? line.lastUsedOn : lastUsedOn });
  }
  return [...lines.values()].sort((one, other) => (one.lastUsedOn === other.lastUsedOn ? one.name.localeCompare(other.name) : one.lastUsedOn < other.lastUsedOn ? 1 : -1));
}
