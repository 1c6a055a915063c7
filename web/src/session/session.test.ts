import { expect, it } from "vitest";
import { accountOf } from "./session.ts";

const token = (claims: object) => `x.${btoa(JSON.stringify(claims)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}.y`;

it("reads the account out of a token, and nothing out of what is none", () => {
  expect(accountOf(token({ acc: "acc_1", sub: "??>>" }))).toBe("acc_1");
  for (const text of ["", "x", "x.y.z", token({}), token({ acc: 1 })]) expect(accountOf(text)).toBeNull();
});
