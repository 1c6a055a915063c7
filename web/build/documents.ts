// The operations are generated into one file, as trees: it would be fetched whole with the first screen, and the trees are several times their text. Built,
// each is a module of its own that comes with the screens that send it, and its text, which the client's own parser reads.
import { print, stripIgnoredCharacters, type DocumentNode } from "graphql";
import type { Plugin } from "vite";

const LINE = /^export const (\w+) = (\{.*\}) as unknown as DocumentNode<.*>;$/gm;
const PREFIX = "\0operation:";

export function apartByOperation(): Plugin {
  const operations = new Map<string, string>();
  return {
    name: "apart-by-operation",
    apply: "build",
    enforce: "pre",
    resolveId: (id) => (id.startsWith(PREFIX) ? id : null),
    load(id) {
      const operation = id.startsWith(PREFIX) ? operations.get(id.slice(PREFIX.length)) : undefined;
      if (operation === undefined) return null;
      const text = stripIgnoredCharacters(print(JSON.parse(operation) as DocumentNode));
      return { code: `import { parse } from "@0no-co/graphql.web";\nexport default /* @__PURE__ */ parse(${JSON.stringify(text)}, { noLocation: true });`, moduleType: "js", moduleSideEffects: false };
    },
    transform(code, id) {
      if (!id.endsWith("/api/generated/graphql.ts")) return null;
      const apart = code.replace(LINE, (_, name: string, operation: string) => {
        operations.set(name, operation);
        return `export { default as ${name} } from ${JSON.stringify(PREFIX + name)};`;
      });
      return { code: apart, map: null, moduleSideEffects: false };
    },
  };
}
