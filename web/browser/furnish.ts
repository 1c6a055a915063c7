// What an account has after a while, made by the API as others would make it.
import type { Ask } from "./ask.ts";

const DAY = 86_400_000;

/** A group that gives two products, with some people in it. */
export async function gather(ask: Ask, name: string) {
  const { account } = await ask<{ account: { users: { nodes: { id: string }[] }; subscriptions: { nodes: { id: string; product: { code: string } }[] } } }>(
    "{ account { users(first: 40, filter: { status: [PENDING], search: \"atelier\" }) { nodes { id } } subscriptions(first: 20) { nodes { id product { code } } } } }",
  );
  const { createGroup } = await ask<{ createGroup: { group: { id: string } | null } }>(
    "mutation($name: String!, $memberIds: [ID!]) { createGroup(input: { name: $name, description: \"Whoever draws\", memberIds: $memberIds }) { group { id } } }",
    { name, memberIds: account.users.nodes.map(({ id }) => id) },
  );
  const subscriptionIds = account.subscriptions.nodes.filter(({ product }) => ["DRAW", "SKETCH"].includes(product.code)).map(({ id }) => id);
  if (createGroup.group) await ask("mutation($groupId: ID!, $subscriptionIds: [ID!]!) { setGroupSubscriptions(input: { groupId: $groupId, subscriptionIds: $subscriptionIds }) { userErrors { code } } }", { groupId: createGroup.group.id, subscriptionIds });
}

/** What a metering system would record: use of three products, by whoever there is, over the last twelve weeks. */
export async function measure(ask: Ask) {
  const { account } = await ask<{ account: { users: { nodes: { email: string }[] } } }>("{ account { users(first: 40, filter: { status: [ACTIVE, PENDING] }) { nodes { email } } } }");
  const records = account.users.nodes.flatMap(({ email }, person) =>
    ["DRAW", "RENDER", "SKETCH"].flatMap((productCode, product) =>
      Array.from({ length: 8 }, (_, turn) => ({
        email,
        productCode,
        day: new Date(Date.now() - ((turn * 11 + person * 3 + product) % 80) * DAY).toISOString().slice(0, 10),
        minutes: 20 + ((person * 37 + turn * 53 + product * 71) % 300),
        launches: 1 + (turn % 4),
        credits: String(product),
        key: `measured-${product}-${turn}`,
      })),
    ),
  );
  // As much as is taken at once.
  for (let from = 0; from < records.length; from += 1_000) {
    await ask("mutation($records: [UsageRecordInput!]!) { recordUsage(input: { records: $records }) { summary { applied } userErrors { code } } }", { records: records.slice(from, from + 1_000) });
  }
}
