import { Suspense, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useClient, useQuery } from "urql";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";
import { ViewerDocument } from "../api/generated/graphql.ts";
import { troubleOf } from "../api/trouble.ts";
import { Icon, Mark } from "../design/icons.tsx";
import { Notices } from "../design/notices.tsx";
import { Empty, Failure, Skeleton, Title } from "../design/states.tsx";
import { useText } from "../language/language.ts";
import { currentPhase, subscribe } from "../session/session.ts";
import * as recent from "../session/recent.ts";
import { ViewerContext } from "../session/viewer.ts";
import { AccountMenu } from "./AccountMenu.tsx";
import { Broken } from "./Broken.tsx";
import { later } from "./later.ts";
import { Keys } from "./Keys.tsx";
import { isOffered, offeredTo, SCREENS } from "./screens.ts";
import "./shell.css";

const ProveAgain = later(() => import("../session/ProveAgain.tsx").then(({ ProveAgain }) => ProveAgain));

export function Shell() {
  const t = useText();
  const [{ data, error, fetching }, again] = useQuery({ query: ViewerDocument });
  // Who they are is not forgotten because it could not be asked again: what was typed into a screen stays.
  const [viewer, know] = useState(data?.viewer);
  if (data && data.viewer !== viewer) know(data.viewer);
  const [location] = useLocation();
  const phase = useSyncExternalStore(subscribe, currentPhase);
  const before = useRef(phase);
  const client = useClient();
  // Whoever had to sign in again may have another role by now. Asked of the client, which tells all who look: executing the hook's query anew while
  // React draws for another reason asks again for each drawing.
  useEffect(() => {
    if (before.current === "ended" && phase === "in") void client.query(ViewerDocument, {}, { requestPolicy: "network-only" }).toPromise();
    before.current = phase;
  }, [phase, client]);
  const word = location.split("/")[1];
  const isShown = Boolean(viewer);
  // Where not all screens fit beside each other, the one that is looked at is in sight.
  useEffect(() => {
    document.querySelector(".nav-link[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [word, isShown]);
  if (!viewer) {
    return (
      <main className="waiting">
        <h1 className="unseen">Muster</h1>
        {error ? <Failure trouble={troubleOf(error)} onRetry={() => again({ requestPolicy: "network-only" })} /> : fetching ? <Skeleton /> : null}
      </main>
    );
  }
  const offered = offeredTo(viewer);
  const first = offered[0];
  return (
    <ViewerContext.Provider value={viewer}>
      <a className="skip" href="#main">
        {t("nav.skip")}
      </a>
      <div className="shell">
        <header className="side">
          <Link href="/" className="brand">
            <Mark />
            <span className="brand-name">Muster</span>
            <span className="brand-account">{viewer.account.name}</span>
          </Link>
          <Keys />
          <nav aria-label={t("nav.label")}>
            <ul>
              {offered.map((screen) => (
                <li key={screen.word}>
                  <Link href={`/${screen.word}`} className="nav-link" aria-current={word === screen.word ? "page" : undefined}>
                    <Icon name={screen.icon} />
                    <span>{t(screen.label)}</span>
                  </Link>
                </li>
              ))}
            </ul>
          </nav>
          <AccountMenu />
        </header>
        <main id="main" tabIndex={-1}>
          <Offline />
          <Broken key={word}>
            <Suspense fallback={<Skeleton lines={6} />}>
              <Switch>
                <Route path="/">{first ? <Redirect to={`/${first.word}`} replace /> : null}</Route>
                <Route path="/sign-in">
                  <Redirect to="/" replace />
                </Route>
                {SCREENS.map((screen) => (
                  <Route key={screen.word} path={`/${screen.word}/*?`}>
                    {isOffered(screen, viewer) ? <screen.Component /> : <Refused />}
                  </Route>
                ))}
                <Route>
                  <Empty title={t("nav.unknown")} action={<Link href="/">{t("nav.home")}</Link>} />
                </Route>
              </Switch>
            </Suspense>
          </Broken>
        </main>
      </div>
      <Notices />
      <Proof />
    </ViewerContext.Provider>
  );
}

function Refused() {
  const t = useText();
  return (
    <>
      <Title>{t("trouble.forbidden")}</Title>
      <Failure trouble={{ kind: "forbidden", message: "", code: "FORBIDDEN", requestId: null, retryAfter: null, permission: null }} />
    </>
  );
}

function Offline() {
  const t = useText();
  const [isOnline, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const look = () => setOnline(navigator.onLine);
    addEventListener("online", look);
    addEventListener("offline", look);
    return () => {
      removeEventListener("online", look);
      removeEventListener("offline", look);
    };
  }, []);
  return (
    <div role="status">
      {isOnline ? null : (
        <p className="notice notice-wait">
          <Icon name="warn" />
          {t("trouble.offlineBanner")}
        </p>
      )}
    </div>
  );
}

function Proof() {
  const isAsking = useSyncExternalStore(recent.subscribe, recent.isAsking);
  return isAsking ? (
    <Suspense>
      <ProveAgain />
    </Suspense>
  ) : null;
}
