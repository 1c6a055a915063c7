/** The day it is in UTC, by which the server counts. */
export const today = () => new Date().toISOString().slice(0, 10);
