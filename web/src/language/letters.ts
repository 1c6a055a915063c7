// What people count as letters, and what the server counts as characters.

/** The first letter of a name, accents and joined signs included. */
export function initial(name: string): string {
  const [first] = new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(name.trim());
  return first?.segment.toUpperCase() ?? "";
}

/** Characters as the API's limits count them: Unicode scalar values. */
export const characters = (text: string): string[] => Array.from(text);
