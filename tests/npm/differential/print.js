// Prints a schema given on the input: sorted, without descriptions and directives.
import { text } from "node:stream/consumers";
import { buildSchema, lexicographicSortSchema, printSchema, parse, visit, print, Kind } from "graphql";

const sdl = await text(process.stdin);
const bare = visit(parse(sdl), {
  enter: (node) => (node.kind === Kind.DIRECTIVE || node.kind === Kind.DIRECTIVE_DEFINITION ? null : undefined),
  leave: (node) => (node.description ? { ...node, description: undefined } : undefined),
});
process.stdout.write(printSchema(lexicographicSortSchema(buildSchema(print(bare)))));
