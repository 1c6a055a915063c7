import { describe, expect, it } from "vitest";
import { asList, isAddress, names, toSend, understand } from "./understand.ts";

const read = (text: string, domains: string[] = []) => understand(text, domains).map(({ email, givenName, familyName, state, typed }) => (state === "mistake" ? `!${typed}` : `${email ?? ""}|${givenName}|${familyName}|${state}`));

describe("a pasted list", () => {
  it("is read whatever separates its entries", () => {
    const expected = ["a@b.example||", "d@e.example||", "g@h.example||"].map((entry) => `${entry}|good`);
    for (const text of ["a@b.example;d@e.example;g@h.example", "a@b.example, d@e.example, g@h.example,", "a@b.example\nd@e.example\r\ng@h.example\n", "a@b.example d@e.example\tg@h.example", "<a@b.example> <d@e.example>g@h.example"]) {
      expect(read(text), text).toEqual(expected);
    }
  });

  it("has names in either order", () => {
    expect(read('Ada Lovelace <ada@b.example>, "Hopper, Grace" <grace@b.example>\nTuring, Alan <alan@b.example>; Cher <cher@b.example>')).toEqual([
      "ada@b.example|Ada|Lovelace|good",
      "grace@b.example|Grace|Hopper|good",
      "alan@b.example|Alan|Turing|good",
      "cher@b.example|Cher||good",
    ]);
    expect(read("Alan Turing\talan@b.example")).toEqual(["alan@b.example|Alan|Turing|good"]);
  });

  it("marks an address that comes again in any letter case", () => {
    expect(read("Ada@b.example\nada@B.example")).toEqual(["Ada@b.example|||good", "ada@B.example|||duplicate"]);
  });

  it("marks mistakes where they stand and spoils nothing else", () => {
    expect(read("ada@b.example\nnot an address\nx@\n@y.example\ngrace@b.example")).toEqual(["ada@b.example|||good", "!not an address", "!x@", "!@y.example", "grace@b.example|||good"]);
    expect(understand("a@b.example\n\nnobody").map(({ line }) => line)).toEqual([1, 3]);
  });

  it("knows the domains that may be invited", () => {
    expect(read("a@b.example\nc@d.example", ["B.example"])).toEqual(["a@b.example|||good", "c@d.example|||domain"]);
  });

  it("is nothing when nothing stands there", () => {
    expect(read(" ;\n,")).toEqual([]);
  });

  it("is sent in the plainest form, each person once", () => {
    const entries = understand('Ada "Countess" Lovelace <ada@b.example>\nada@b.example\nwrong\nCher <cher@b.example>\nx@b.example');
    expect(asList(toSend(entries))).toBe('"Lovelace, Ada Countess" <ada@b.example>\n"Cher" <cher@b.example>\nx@b.example');
  });
});

it("tells addresses from what only looks like one", () => {
  for (const good of ["a@b.example", "a.b+c@d-e.example", "ü@bücher.example", "o'neil@b.example"]) expect(isAddress(good), good).toBe(true);
  for (const bad of ["a", "a@", "@b.example", "a@b", "a..b@c.example", ".a@b.example", "a@b..example", "a b@c.example"]) expect(isAddress(bad), bad).toBe(false);
});

it("takes the last word for the family name", () => {
  expect(names("Jean Luc Picard")).toEqual({ givenName: "Jean Luc", familyName: "Picard" });
  expect(names("Picard, Jean Luc")).toEqual({ givenName: "Jean Luc", familyName: "Picard" });
});
