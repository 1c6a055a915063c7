// Trying a file out: sent, and started as a dry run. The file is kept while the page lives, for when its columns are to mean something else.
import type { Client } from "urql";
import { idempotencyKey, send, type Refusal } from "../api/change.ts";
import { StartImportDocument, type ImportColumnMappingInput, type ImportKind, type SeatSourceInput, type WhenFull } from "../api/generated/graphql.ts";
import type { Trouble } from "../api/trouble.ts";
import { upload } from "./upload.ts";

/** What is to be done with the people in a file. */
export interface Plan {
  kind: ImportKind;
  /** What everybody in it is given, or gives back; of files of people, null. */
  sources: SeatSourceInput[] | null;
  /** The parts that are on in these seats; null: as usual. */
  componentIds: string[] | null;
  whenFull: WhenFull;
  expiresOn: string | null;
  /** Whether those who are new are invited at once, or only added. */
  sendsInvitations: boolean;
}

export const OF_PEOPLE: Plan = { kind: "USERS", sources: null, componentIds: null, whenFull: "REFUSE", expiresOn: null, sendsInvitations: true };

export interface Wish {
  file: File;
  plan: Plan;
}

const held = new Map<string, Wish>();

export const heldWish = (importId: string): Wish | undefined => held.get(importId);

export type Tried = { importId: string } | { trouble: Trouble } | { refusals: readonly Refusal[] };

export async function tryOut(client: Client, wish: Wish, tell: (share: number) => void, columnMapping: ImportColumnMappingInput[] | null = null): Promise<Tried> {
  const sent = await upload(client, wish.file, tell);
  if (!("uploadId" in sent)) return sent;
  // Nothing is changed before somebody has seen what would be.
  const { kind, sources, componentIds, whenFull, expiresOn, sendsInvitations } = wish.plan;
  const input = { uploadId: sent.uploadId, mode: "DRY_RUN" as const, kind, sources, componentIds, whenFull, expiresOn, sendInvitations: sendsInvitations, columnMapping, idempotencyKey: idempotencyKey() };
  const { data, trouble } = await send(client, StartImportDocument, { input });
  if (trouble) return { trouble };
  const started = data.startImport?.import;
  if (!started) return { refusals: data.startImport?.userErrors ?? [] };
  held.set(started.id, wish);
  return { importId: started.id };
}

interface Known {
  id: string;
  kind: ImportKind;
  sources: readonly { product: { id: string }; subscription?: { id: string } | null; components: readonly { id: string }[] }[];
  preview?: { mailCount: number } | null;
}

/** How an import was asked for. After a reload, as far as the server tells: what is to happen when seats run out, and their last day, it does not. */
export function planOf({ id, kind, sources, preview }: Known): Plan {
  const held = heldWish(id);
  if (held) return held.plan;
  const components = sources.flatMap((source) => source.components.map((component) => component.id));
  return {
    kind,
    sources: kind === "USERS" ? null : sources.map(({ product, subscription }) => (subscription ? { subscriptionId: subscription.id } : { productId: product.id })),
    componentIds: components.length > 0 ? components : null,
    whenFull: "REFUSE",
    expiresOn: null,
    // Whether people are to be invited is read from what would have been sent.
    sendsInvitations: preview?.mailCount !== 0,
  };
}
