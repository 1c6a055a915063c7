// Parts of the console that are fetched when they are first looked at. Where one cannot be fetched, the page is loaded anew: at once where a newer console was
// put in place meanwhile, whose files have other names, and without a connection as soon as there is one. Until then its place is kept.
import { lazy, type ComponentType } from "react";

const never = new Promise<never>(() => undefined);

export const later = <Props>(load: () => Promise<ComponentType<Props>>) =>
  lazy(() =>
    load().then(
      (Component) => ({ default: Component }),
      () => never,
    ),
  );

/** Listens for parts that cannot be fetched. */
export function reloadWhatIsMissing(): void {
  addEventListener("vite:preloadError", () => {
    if (navigator.onLine) location.reload();
    else addEventListener("online", () => location.reload(), { once: true });
  });
}
