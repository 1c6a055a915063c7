// Parts of the console that are fetched when they are first looked at. Where one cannot be fetched, the page is loaded anew: at once where a newer console was
// put in place meanwhile, whose files have other names, and without a connection as soon as there is one. Until then its place is kept.
import { createElement, lazy, Suspense, type ComponentType } from "react";
import { learn, type Chapter } from "../language/language.ts";

const never = new Promise<never>(() => undefined);

export const later = <Props>(load: () => Promise<ComponentType<Props>>) =>
  lazy(() =>
    load().then(
      (Component) => ({ default: Component }),
      () => never,
    ),
  );

/** The same with the texts of a chapter. */
export const laterIn = <Props>(chapter: Chapter, load: () => Promise<ComponentType<Props>>) => later(() => Promise.all([load(), learn(chapter)]).then(([Component]) => Component));

/** The same of what opens above a screen, such as a dialog: the screen stays as it is until it is there. */
export function onDemand<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  const Part = later(load) as unknown as ComponentType<Props>;
  return function OnDemand(props) {
    return createElement(Suspense, null, createElement(Part, props));
  };
}

/** Listens for parts that cannot be fetched. */
export function reloadWhatIsMissing(): void {
  addEventListener("vite:preloadError", () => {
    if (navigator.onLine) location.reload();
    else addEventListener("online", () => location.reload(), { once: true });
  });
}
