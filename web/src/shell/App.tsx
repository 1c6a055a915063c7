import { Suspense, useMemo, useRef, useSyncExternalStore } from "react";
import { I18nProvider } from "react-aria-components";
import { Provider } from "urql";
import { makeClient } from "../api/client.ts";
import { troubleOfFault } from "../api/trouble.ts";
import { Failure, Skeleton } from "../design/states.tsx";
import { currentLocale, useLanguage } from "../language/language.ts";
import { AuthFault, currentPhase, resume, subscribe } from "../session/session.ts";
import { Broken } from "./Broken.tsx";
import { later } from "./later.ts";
import { Shell } from "./Shell.tsx";

const SignInScreen = later(() => import("../session/SignInScreen.tsx").then(({ SignInScreen }) => SignInScreen));
const SignInAgain = later(() => import("../session/SignInAgain.tsx").then(({ SignInAgain }) => SignInAgain));

export function App() {
  useLanguage();
  return (
    <I18nProvider locale={currentLocale()}>
      <Broken>
        <Suspense fallback={<Waiting />}>
          <Phases />
        </Suspense>
      </Broken>
    </I18nProvider>
  );
}

const Waiting = () => (
  <main className="waiting">
    <h1 className="unseen">Muster</h1>
    <Skeleton lines={3} />
  </main>
);

function Phases() {
  const phase = useSyncExternalStore(subscribe, currentPhase);
  const wasIn = useRef(false);
  if (phase === "in") wasIn.current = true;
  if (phase === "out") wasIn.current = false;
  const isIn = phase === "in" || (phase === "ended" && wasIn.current);
  // What one person read is not shown to the next.
  const client = useMemo(() => (isIn ? makeClient() : null), [isIn]);
  if (phase === "unknown") return <Waiting />;
  if (phase === "away") {
    return (
      <main className="waiting">
        <h1 className="unseen">Muster</h1>
        <Failure trouble={troubleOfFault(new AuthFault("OFFLINE", ""))} onRetry={() => void resume()} />
      </main>
    );
  }
  if (!client) return <SignInScreen hasEnded={phase === "ended"} />;
  return (
    <Provider value={client}>
      <Shell />
      {/* On its way, it must not hide what it stands before. */}
      <Suspense>{phase === "ended" ? <SignInAgain /> : null}</Suspense>
    </Provider>
  );
}
