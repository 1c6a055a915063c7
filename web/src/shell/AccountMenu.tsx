import { useState } from "react";
import { Button as AriaButton } from "react-aria-components";
import { Link, useLocation } from "wouter";
import { Menu, type MenuEntry } from "../design/Menu.tsx";
import { Icon } from "../design/icons.tsx";
import { notify } from "../design/notices.tsx";
import { sayRefusal } from "../design/states.tsx";
import { currentTheme, wear, type Theme } from "../design/theme.ts";
import { formatNumber } from "../language/format.ts";
import { LANGUAGE_NAMES, LANGUAGES, speak, useLanguage, useText, type Language } from "../language/language.ts";
import { initial } from "../language/letters.ts";
import { useLiveNotifications } from "../notifications/live.ts";
import { troubleOfFault } from "../api/trouble.ts";
import { signOut, switchTo } from "../session/session.ts";
import { useViewer } from "../session/viewer.ts";

export function LanguageMenu() {
  const t = useText();
  const language = useLanguage();
  const entries = LANGUAGES.map((name) => ({ id: name, label: LANGUAGE_NAMES[name] }));
  return (
    <Menu label={t("nav.language")} entries={entries} selected={language} onAction={(id) => void speak(id as Language)}>
      <AriaButton className="button button-bare button-icon" aria-label={t("nav.language")}>
        <Icon name="language" />
      </AriaButton>
    </Menu>
  );
}

export function ThemeMenu() {
  const t = useText();
  const [theme, setTheme] = useState(currentTheme);
  const entries = [
    { id: "system", label: t("nav.themeSystem") },
    { id: "light", label: t("nav.themeLight") },
    { id: "dark", label: t("nav.themeDark") },
  ];
  const choose = (id: string) => {
    wear(id as Theme);
    setTheme(id as Theme);
  };
  return (
    <Menu label={t("nav.theme")} entries={entries} selected={theme} onAction={choose}>
      <AriaButton className="button button-bare button-icon" aria-label={t("nav.theme")}>
        <Icon name={theme === "dark" ? "moon" : "sun"} />
      </AriaButton>
    </Menu>
  );
}

const OUT = "out";
/** What everybody has of their own. */
const OWN = [
  ["/me/products", "nav.me"],
  ["/me/profile", "nav.profile"],
  ["/me/support", "nav.support"],
] as const;

export function AccountMenu() {
  const t = useText();
  const viewer = useViewer();
  const [, navigate] = useLocation();
  const others = viewer.accounts.filter(({ id }) => id !== viewer.account.id);
  // A session that began at a provider is good for one account.
  const canSwitch = viewer.session.authMethod !== "OIDC";
  const entries: MenuEntry[] = [
    ...OWN.map(([id, label]) => ({ id, label: t(label) })),
    ...(canSwitch ? others.map(({ id, name }) => ({ id, label: t("nav.switchTo", { account: name }) })) : []),
    { id: OUT, label: t("nav.signOut") },
  ];
  const act = (id: string) => {
    if (id.startsWith("/")) return navigate(id);
    const going = id === OUT ? signOut() : switchTo(id).then(() => location.assign("/"));
    going.catch((fault: unknown) => notify(sayRefusal(troubleOfFault(fault))));
  };
  return (
    <div className="account">
      <Menu label={t("nav.account")} entries={entries} onAction={act}>
        <AriaButton className="account-button">
          <span className="unseen">{t("nav.account")}</span>
          <span className="face" aria-hidden="true">
            {initial(viewer.user.displayName)}
          </span>
          <span className="account-who">
            <span>{viewer.user.displayName}</span>
            <span className="note">{t(`role.${viewer.user.role}`)}</span>
          </span>
        </AriaButton>
      </Menu>
      <Bell unread={viewer.unreadNotificationCount} />
      <ThemeMenu />
      <LanguageMenu />
    </div>
  );
}

function Bell({ unread }: { unread: number }) {
  const t = useText();
  useLiveNotifications();
  return (
    <Link href="/notifications" className="button button-bare button-icon bell" aria-label={unread > 0 ? t("nav.unread", { count: unread }) : t("nav.notifications")}>
      <Icon name="bell" />
      {unread > 0 ? (
        <span className="bell-count" aria-hidden="true">
          {formatCount(unread)}
        </span>
      ) : null}
    </Link>
  );
}

/** More than fits is more than anybody counts. */
const formatCount = (count: number) => (count > 99 ? "99+" : formatNumber(count));
