// What a test needs beside the screens, through the public API as any program.
import type { House } from "./house.ts";

export type Ask = <Data>(query: string, variables?: object) => Promise<Data>;

export async function asker(house: House): Promise<Ask> {
  const signedIn = await fetch(`${house.url}/auth/sign-in`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email: house.email, password: house.password }),
  });
  const { accessToken } = (await signedIn.json()) as { accessToken: string };
  return async <Data>(query: string, variables: object = {}): Promise<Data> => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${accessToken}` };
    const response = await fetch(`${house.url}/graphql`, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
    const answer = (await response.json()) as { data?: Data; errors?: { message: string }[] };
    if (!answer.data) throw new Error(answer.errors?.map(({ message }) => message).join(" ") ?? "no answer");
    return answer.data;
  };
}
