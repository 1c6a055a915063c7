import { describe, expect, it } from "vitest";
import { filterOf, isNarrowed, NO_QUERY, orderOf, readQuery, searchWords, writeQuery, type PeopleQuery } from "./query.ts";

const now = new Date("2026-11-28T15:00:00Z");

describe("the address of a list", () => {
  it("says nothing of what everybody sees", () => {
    expect(writeQuery(NO_QUERY).toString()).toBe("");
    expect(readQuery(new URLSearchParams())).toEqual(NO_QUERY);
    expect(isNarrowed(NO_QUERY)).toBe(false);
  });

  it("brings back the list that it was written from", () => {
    const query: PeopleQuery = { search: "ada b", status: "PENDING", role: "USER", product: "prd_1", without: true, invitation: "EXPIRED", idle: "90", order: "CREATED_AT", isDescending: true };
    expect(readQuery(writeQuery(query))).toEqual(query);
    expect(isNarrowed(query)).toBe(true);
  });

  it("leaves out what nobody here wrote", () => {
    const query = readQuery(new URLSearchParams("status=GONE&role=KING&invitation=LOST&idle=7&order=SHOE_SIZE"));
    expect(query).toEqual(NO_QUERY);
  });
});

describe("a filter", () => {
  it("names only what is asked", () => {
    expect(filterOf(NO_QUERY, now)).toEqual({});
  });

  it("turns each part into one of the API's", () => {
    const query: PeopleQuery = { ...NO_QUERY, search: " ada  lovelace ", status: "ACTIVE", product: "prd_1", idle: "30" };
    expect(filterOf(query, now)).toEqual({ search: "ada lovelace", status: ["ACTIVE"], productId: "prd_1", notSignedInSince: "2026-10-29T00:00:00.000Z" });
    expect(filterOf({ ...NO_QUERY, product: "prd_1", without: true }, now)).toEqual({ withoutProductId: "prd_1" });
    expect(filterOf({ ...NO_QUERY, invitation: "UNDELIVERED" }, now)).toEqual({ invitationDelivery: ["BOUNCED", "DELAYED"] });
  });

  it("keeps a search within what the server takes", () => {
    expect(searchWords("a b c d e f g h i j")).toBe("a b c d e f g h");
    expect(searchWords("𝒳".repeat(150))).toBe("𝒳".repeat(100));
    expect(searchWords("   ")).toBeUndefined();
  });

  it("orders upwards unless it is turned", () => {
    expect(orderOf(NO_QUERY)).toEqual({ field: "DISPLAY_NAME", direction: "ASC" });
    expect(orderOf(readQuery(new URLSearchParams("order=-ROLE")))).toEqual({ field: "ROLE", direction: "DESC" });
  });
});
