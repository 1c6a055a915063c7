/** The day it is in UTC, by which the server counts. */
export const today = () => new Date().toISOString().slice(0, 10);

/** Of subscriptions that are over: until when access goes on, as long as it does. */
export const lastGrace = (subscriptions: readonly { graceEndsOn?: string | null }[] | undefined): string | null =>
  (subscriptions ?? [])
    .flatMap(({ graceEndsOn }) => (graceEndsOn && graceEndsOn >= today() ? [graceEndsOn] : []))
    .sort()
    .at(-1) ?? null;
