// What a browser calls itself, in words that people know. Pure.

const BROWSERS: [RegExp, string][] = [
  [/\bEdg(e|A|iOS)?\//, "Edge"],
  [/\b(OPR|Opera)\//, "Opera"],
  [/\b(Firefox|FxiOS)\//, "Firefox"],
  [/\b(Headless)?(Chrome|CriOS|Chromium)\//, "Chrome"],
  [/\bSafari\//, "Safari"],
];

const SYSTEMS: [RegExp, string][] = [
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bAndroid\b/, "Android"],
  [/\bWindows\b/, "Windows"],
  [/\bMac OS X\b|\bMacintosh\b/, "macOS"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bLinux\b/, "Linux"],
];

const find = (text: string, known: [RegExp, string][]) => known.find(([pattern]) => pattern.test(text))?.[1];

/** Browser and system; of what is neither, what it calls itself. */
export function agentOf(text: string | null | undefined): string | null {
  if (!text) return null;
  const names = [find(text, BROWSERS), find(text, SYSTEMS)].filter((name) => name !== undefined);
  return names.length > 0 ? names.join(" · ") : text.slice(0, 60);
}
