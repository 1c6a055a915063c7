// From a file to an upload: its hash, leave to send it, and the sending itself with progress.
import type { Client } from "urql";
import { send, type Refusal } from "../api/change.ts";
import { CreateUploadDocument } from "../api/generated/graphql.ts";
import type { Trouble } from "../api/trouble.ts";

/** What the server takes at most. */
export const LARGEST = 5 * 1024 * 1024;

export type Uploaded = { uploadId: string } | { trouble: Trouble } | { refusals: readonly Refusal[] };

export async function sha256(bytes: BufferSource): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return btoa(String.fromCharCode(...digest));
}

/** The name a text gets that was pasted instead of dropped. */
export const asFile = (text: string) => new File([text], "pasted.csv", { type: "text/csv" });

const away: Trouble = { kind: "offline", message: "", code: "OFFLINE", requestId: null, retryAfter: null, permission: null };

export async function upload(client: Client, file: File, tell: (share: number) => void): Promise<Uploaded> {
  if (file.size === 0) return { refusals: [{ code: "FILE_EMPTY", message: "" }] };
  if (file.size > LARGEST) return { refusals: [{ code: "FILE_TOO_LARGE", message: "" }] };
  let bytes: ArrayBuffer;
  try {
    bytes = await file.arrayBuffer();
  } catch {
    // It was moved or changed since it was chosen.
    return { refusals: [{ code: "UPLOAD_INCOMPLETE", message: "" }] };
  }
  const input = { purpose: "USER_IMPORT" as const, filename: file.name, byteSize: bytes.byteLength, contentType: file.type || "text/csv", sha256: await sha256(bytes) };
  const { data, trouble } = await send(client, CreateUploadDocument, { input });
  if (trouble) return { trouble };
  const payload = data.createUpload;
  if (!payload?.upload || !payload.target) return { refusals: payload?.userErrors ?? [] };
  const { target } = payload;
  const isSent = await put(target.url, target.headers, bytes, tell);
  return isSent ? { uploadId: payload.upload.id } : { trouble: away };
}

/** `fetch` tells nothing of how far it is. */
function put(url: string, headers: readonly { name: string; value: string }[], bytes: ArrayBuffer, tell: (share: number) => void): Promise<boolean> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("PUT", url);
    // Browsers set these two themselves.
    for (const { name, value } of headers) if (!/^(host|content-length)$/i.test(name)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => tell(total > 0 ? loaded / total : 0);
    request.onload = () => resolve(request.status >= 200 && request.status < 300);
    request.onerror = () => resolve(false);
    request.send(bytes);
  });
}
