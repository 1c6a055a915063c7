import { expect, it } from "vitest";
import { sumUp } from "./sums.ts";

const draw = { id: "1", name: "Draw" };
const render = { id: "2", name: "Render" };
const sketch = { id: "3", name: "Sketch" };
const used = { daysUsed: 2, sessions: 3, minutes: 90 };

it("a product has one line for use and credits, the one used last first", () => {
  const lines = sumUp(
    [
      { product: draw, ...used, lastUsedOn: "2026-03-01" },
      { product: sketch, ...used, lastUsedOn: "2026-03-05" },
    ],
    [
      { product: draw, consumed: "12.5", lastUsedOn: "2026-03-05" },
      { product: render, consumed: "1", lastUsedOn: "2026-01-01" },
    ],
  );
  expect(lines.map(({ name, minutes, credits, lastUsedOn }) => [name, minutes, credits, lastUsedOn])).toEqual([
    ["Draw", 90, 12.5, "2026-03-05"],
    ["Sketch", 90, 0, "2026-03-05"],
    ["Render", 0, 1, "2026-01-01"],
  ]);
});

it("nothing comes to nothing", () => expect(sumUp([], [])).toEqual([]));
