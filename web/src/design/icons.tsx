// Drawn here, 20 by 20, in the colour of the text they stand with. Decoration: whoever uses one says in words what it means.
import type { ReactNode } from "react";

const PATHS = {
  people: "M7 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6Zm-5 7c0-3 2.2-5 5-5s5 2 5 5M13.5 9a2.5 2.5 0 1 0-1-4.8M14 11.6c2.3.2 4 2.1 4 4.9",
  invite: "M8 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6Zm-5.5 7c0-3 2.4-5 5.5-5 1.3 0 2.5.4 3.4 1M15.5 11v6M12.5 14h6",
  imports: "M10 3v9m0 0 3.5-3.5M10 12 6.500 8.500M3.500 13v2.500a1 1 0 0 0 1 1h11a1 1 0 0 0 1-1V13",
  products: "M3.500 6.500 10 3l6.500 3.500L10 10 3.500 6.500Zm0 3.500L10 13.500l6.500-3.500M3.500 13.500 10 17l6.500-3.500",
  roles: "M10 2.500 16 4.500v5c0 4-2.600 6.600-6 8-3.400-1.400-6-4-6-8v-5l6-2Zm-2.500 7.500 2 2 3.500-4",
  signOn: "M4.500 9h11v8h-11V9Zm2.500 0V6.500a3 3 0 0 1 6 0V9m-3 3v2",
  tokens: "M7 13.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7Zm3.500-3.500H18m-2.500 0v3m-2.500-3v2",
  audit: "M10 17.500a7.500 7.500 0 1 0 0-15 7.500 7.500 0 0 0 0 15Zm0-11.500v4.500l3 2",
  account: "M3 6h8m4 0h2M3 14h2m4 0h8M13 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4Zm-6 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z",
  bell: "M5 14V9a5 5 0 0 1 10 0v5l1.500 1.500h-13L5 14Zm3.500 3.500h3",
  groups: "M3.500 3.500h5.500v5.500H3.500ZM11.500 3.500h5v5.500h-5ZM3.500 11.500h5.500v5H3.500ZM11.500 11.500h5v5h-5Z",
  reports: "M3.500 3.500v13h13M7 13v-3M10.500 13V6.500M14 13V9",
  requests: "M3.500 4.500h13v9h-7l-3.500 3v-3h-2.500v-9ZM7 9h6m-3-3v6",
  search: "M9 14.500a5.500 5.500 0 1 0 0-11 5.500 5.500 0 0 0 0 11Zm4-1.500 4 4",
  close: "m5 5 10 10M15 5 5 15",
  down: "m5.500 8 4.500 4.500L14.500 8",
  up: "m5.500 12.500 4.500-4.500 4.500 4.500",
  check: "m4.500 10.500 3.500 3.500 7.500-8",
  dash: "M5 10h10",
  sun: "M10 13.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7ZM10 2v1.500M10 16.500V18M2 10h1.500M16.500 10H18M4.300 4.300l1.100 1.100M14.600 14.600l1.100 1.100M4.300 15.700l1.100-1.100M14.600 5.400l1.100-1.100",
  moon: "M16.500 11.800A6.800 6.800 0 0 1 8.200 3.500a6.800 6.800 0 1 0 8.300 8.300Z",
  more: "M4.500 10h.01M10 10h.01M15.500 10h.01",
  warn: "M10 3 2.500 16.500h15L10 3Zm0 5.500v3.500m0 2.300v.01",
  back: "M11.500 4.500 6 10l5.500 5.500",
  file: "M5 2.500h6.500L15.500 6.500v11H5v-15Zm6.500 0v4h4",
  language: "M10 17.500a7.500 7.500 0 1 0 0-15 7.500 7.500 0 0 0 0 15Zm-7.500-7.500h15M10 2.500c2 2 3 4.600 3 7.500s-1 5.500-3 7.500c-2-2-3-4.600-3-7.500s1-5.500 3-7.500Z",
  out: "M8 3.500H4.500v13H8M12.500 6.500 16 10l-3.500 3.500M16 10H7.500",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }): ReactNode {
  return (
    <svg className="icon" viewBox="0 0 20 20" width="20" height="20" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} strokeWidth={name === "more" ? 2.4 : 1.5} />
    </svg>
  );
}

/** People in rows, and one that is meant. */
export function Mark(): ReactNode {
  const dots = [6, 10, 14].flatMap((y) => [6, 10, 14].map((x) => ({ x, y })));
  return (
    <svg className="mark" viewBox="0 0 20 20" width="28" height="28" aria-hidden="true" focusable="false">
      <rect width="20" height="20" rx="4.500" className="mark-ground" />
      {dots.map(({ x, y }) => (x === 10 && y === 14 ? null : <circle key={`${String(x)}-${String(y)}`} cx={x} cy={y} r="1.500" className={x === 10 && y === 10 ? "mark-meant" : "mark-dot"} />))}
    </svg>
  );
}
