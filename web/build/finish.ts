// What a build ends with: everything compressed once, and the first load held to its budget.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import type { Plugin, Rollup } from "vite";

/** Compressed JavaScript that may be fetched before the first screen is seen. */
const FIRST_LOAD = 200 * 1024;

const compress = (bytes: Buffer) =>
  brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } });

/** What is fetched for an entry, statically imported chunks included. */
function closure(bundle: Rollup.OutputBundle, file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const chunk = bundle[file];
  if (chunk?.type === "chunk") for (const imported of chunk.imports) closure(bundle, imported, seen);
  return seen;
}

export function finish(): Plugin {
  return {
    name: "finish",
    apply: "build",
    writeBundle(options, bundle) {
      const folder = options.dir ?? "dist";
      const sizes = new Map<string, number>();
      const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      for (const entry of files) {
        if (!/\.(html|js|css|svg)$/.test(entry.name)) continue;
        const path = join(entry.parentPath, entry.name);
        const compressed = compress(readFileSync(path));
        writeFileSync(`${path}.br`, compressed);
        sizes.set(entry.name, compressed.length);
      }
      const name = (file: string) => file.split("/").pop() ?? file;
      const weigh = (chunks: Iterable<string>) => {
        let total = 0;
        for (const chunk of chunks) total += sizes.get(name(chunk)) ?? 0;
        return total;
      };
      const entries = Object.values(bundle).filter((part) => part.type === "chunk");
      const first = entries.find((chunk) => chunk.isEntry);
      if (!first) return;
      const shared = closure(bundle, first.fileName);
      // The first load of a screen is what all share, the largest language and the screen's own; every one of them is held to the budget.
      const languages = entries.filter((chunk) => chunk.facadeModuleId?.includes("/language/messages/"));
      const language = Math.max(0, ...languages.map((chunk) => weigh([chunk.fileName])));
      let heaviest = { screen: "", bytes: weigh(shared) + language };
      for (const screen of entries.filter((chunk) => chunk.isDynamicEntry && chunk.facadeModuleId?.endsWith("Screen.tsx"))) {
        const bytes = language + weigh(closure(bundle, screen.fileName, new Set(shared)));
        if (bytes > heaviest.bytes) heaviest = { screen: screen.name, bytes };
      }
      const kib = (bytes: number) => `${(bytes / 1024).toFixed(1)} KiB`;
      this.info(`first load: ${kib(weigh(shared))} shared, ${kib(heaviest.bytes)} with ${heaviest.screen}`);
      if (heaviest.bytes > FIRST_LOAD) {
        this.error(`The first load of ${heaviest.screen} is ${kib(heaviest.bytes)}; it may be ${kib(FIRST_LOAD)}.`);
      }
    },
  };
}
