import { expect, it } from "vitest";
import { asList, toSend, understand } from "../invite/understand.ts";
import { seatsOf, semicolons } from "./terms.ts";

it("what was bought twice is one product with the seats of both", () => {
  const draw = { id: "1", name: "Draw" };
  const sketch = { id: "2", name: "Sketch" };
  expect(seatsOf([{ product: draw, seats: { available: 3 } }, { product: sketch }, { product: draw, seats: { available: 2 } }])).toEqual([
    { ...draw, available: 5 },
    { ...sketch, available: 0 },
  ]);
});

it("a list is sent with semicolons, and says the same", () => {
  const read = (text: string) => toSend(understand(text)).map(({ email, givenName, familyName }) => [email, givenName, familyName]);
  const typed = "Kim Lee <kim@acme.example>; ana@acme.example\nOzon, Piet <piet@acme.example>";
  const sent = semicolons(asList(toSend(understand(typed))));
  expect(sent).not.toContain("\n");
  expect(read(sent)).toEqual(read(typed));
});
