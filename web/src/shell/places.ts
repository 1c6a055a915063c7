// Where a thing of the API is looked at, by its kind. A screen that shows one more kind adds its line.

const PLACES: Record<string, (id: string) => string> = {
  User: (id) => `/people/${id}`,
  Import: (id) => `/imports/${id}`,
  Product: (id) => `/products/${id}`,
  Contract: (id) => `/contracts/${id}`,
  AccessRequest: () => "/requests",
  IdentityProvider: (id) => `/single-sign-on/${id}`,
  Domain: () => "/single-sign-on",
  ApiToken: () => "/api-tokens",
  Account: () => "/account",
};

interface Subject {
  __typename: string;
  id: string;
  product?: { id: string };
}

/** Null for what has no screen. */
export function placeOf(subject: Subject | null | undefined): string | null {
  if (!subject) return null;
  if (subject.product) return `/products/${subject.product.id}`;
  return PLACES[subject.__typename]?.(subject.id) ?? null;
}
