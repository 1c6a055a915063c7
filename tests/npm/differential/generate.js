// Requests for the differential test, one a line: node generate.js --seed N --count M
//
// The same seed gives the same requests. Most are valid: a response key stands for one field with the same arguments wherever it occurs, so that all
// merge. Some choose their keys carelessly, and some have a slip a validator must see; both sides have to tell which.
import { parseArgs } from "node:util";
import { Documents } from "./documents.js";

const { values } = parseArgs({ options: { seed: { type: "string", default: "1" }, count: { type: "string", default: "100" } } });
const documents = new Documents(Number(values.seed));
for (let made = 0; made < Number(values.count); made += 1) {
  process.stdout.write(`${JSON.stringify(documents.next())}\n`);
}
