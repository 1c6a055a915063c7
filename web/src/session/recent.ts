// What needs a sign-in of the last ten minutes asks for one, once for all who wait, and is tried again.

type Waiting = { resolve: (isProven: boolean) => void };

let waiting: Waiting[] = [];
const listeners = new Set<() => void>();

const tell = () => {
  for (const listener of listeners) listener();
};

export const isAsking = () => waiting.length > 0;
export const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

/** True once the person has proven who they are, false if they would rather not. */
export function askAgain(): Promise<boolean> {
  return new Promise((resolve) => {
    waiting = [...waiting, { resolve }];
    tell();
  });
}

export function answer(isProven: boolean) {
  const asked = waiting;
  waiting = [];
  tell();
  for (const { resolve } of asked) resolve(isProven);
}
