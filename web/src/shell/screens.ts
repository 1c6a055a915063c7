// The screens: where they are, what they need, and how they are fetched. The server answers these addresses (src/http/pages/console.rs).
import type { ComponentType, LazyExoticComponent } from "react";
import type { IconName } from "../design/icons.tsx";
import type { AccountView, Permission } from "../api/generated/graphql.ts";
import type { Key } from "../language/language.ts";
import type { Viewer } from "../session/viewer.ts";
import { later, laterIn } from "./later.ts";

export interface Screen {
  word: "people" | "invite" | "imports" | "groups" | "products" | "contracts" | "requests" | "reports" | "roles" | "single-sign-on" | "api-tokens" | "audit" | "account" | "notifications" | "me" | "add-people" | "contract-managers";
  label: Key;
  icon: IconName;
  /** What one needs; nothing for what everybody has of their own. */
  permission?: Permission;
  /** Of the one view of user management only. */
  view?: AccountView;
  /** It is reached from elsewhere, and does not stand among the screens. */
  isAside?: true;
  Component: LazyExoticComponent<ComponentType>;
}

export const SCREENS: Screen[] = [
  {
    word: "people",
    label: "nav.people",
    icon: "people",
    permission: "USERS_READ",
    Component: later(() => import("../people/PeopleScreen.tsx").then(({ PeopleScreen }) => PeopleScreen)),
  },
  {
    word: "invite",
    label: "nav.invite",
    icon: "invite",
    permission: "USERS_WRITE",
    view: "CURRENT",
    Component: later(() => import("../invite/InviteScreen.tsx").then(({ InviteScreen }) => InviteScreen)),
  },
  {
    word: "add-people",
    label: "nav.add",
    icon: "invite",
    permission: "USERS_WRITE",
    view: "CLASSIC",
    Component: laterIn("own", () => import("../classic/AddPeopleScreen.tsx").then(({ AddPeopleScreen }) => AddPeopleScreen)),
  },
  {
    word: "imports",
    label: "nav.imports",
    icon: "imports",
    permission: "IMPORTS_WRITE",
    view: "CURRENT",
    Component: later(() => import("../imports/ImportsScreen.tsx").then(({ ImportsScreen }) => ImportsScreen)),
  },
  {
    word: "groups",
    label: "nav.groups",
    icon: "groups",
    permission: "USERS_READ",
    Component: later(() => import("../groups/GroupsScreen.tsx").then(({ GroupsScreen }) => GroupsScreen)),
  },
  {
    word: "products",
    label: "nav.products",
    icon: "products",
    permission: "PRODUCTS_READ",
    Component: later(() => import("../products/ProductsScreen.tsx").then(({ ProductsScreen }) => ProductsScreen)),
  },
  {
    word: "contracts",
    label: "nav.contracts",
    icon: "file",
    permission: "CONTRACTS_READ",
    Component: laterIn("books", () => import("../contracts/ContractsScreen.tsx").then(({ ContractsScreen }) => ContractsScreen)),
  },
  {
    word: "requests",
    label: "nav.requests",
    icon: "requests",
    permission: "ASSIGNMENTS_WRITE",
    Component: laterIn("books", () => import("../requests/RequestsScreen.tsx").then(({ RequestsScreen }) => RequestsScreen)),
  },
  {
    word: "reports",
    label: "nav.reports",
    icon: "reports",
    permission: "EXPORTS_WRITE",
    Component: later(() => import("../reports/ReportsScreen.tsx").then(({ ReportsScreen }) => ReportsScreen)),
  },
  {
    word: "roles",
    label: "nav.roles",
    icon: "roles",
    permission: "USERS_READ",
    Component: later(() => import("../roles/RolesScreen.tsx").then(({ RolesScreen }) => RolesScreen)),
  },
  {
    word: "contract-managers",
    label: "nav.managers",
    icon: "file",
    permission: "CONTRACTS_READ",
    view: "CLASSIC",
    Component: laterIn("own", () => import("../classic/ContractManagersScreen.tsx").then(({ ContractManagersScreen }) => ContractManagersScreen)),
  },
  {
    word: "single-sign-on",
    label: "nav.signOn",
    icon: "signOn",
    permission: "SSO_READ",
    Component: later(() => import("../sso/SignOnScreen.tsx").then(({ SignOnScreen }) => SignOnScreen)),
  },
  {
    word: "api-tokens",
    label: "nav.tokens",
    icon: "tokens",
    permission: "API_TOKENS_WRITE",
    Component: later(() => import("../api_tokens/ApiTokensScreen.tsx").then(({ ApiTokensScreen }) => ApiTokensScreen)),
  },
  {
    word: "audit",
    label: "nav.audit",
    icon: "audit",
    permission: "AUDIT_READ",
    Component: later(() => import("../audit/AuditScreen.tsx").then(({ AuditScreen }) => AuditScreen)),
  },
  {
    word: "account",
    label: "nav.settings",
    icon: "account",
    permission: "ACCOUNT_WRITE",
    Component: later(() => import("../account/AccountScreen.tsx").then(({ AccountScreen }) => AccountScreen)),
  },
  {
    word: "notifications",
    label: "nav.notifications",
    icon: "bell",
    isAside: true,
    Component: later(() => import("../notifications/NotificationsScreen.tsx").then(({ NotificationsScreen }) => NotificationsScreen)),
  },
  {
    word: "me",
    label: "nav.me",
    icon: "products",
    isAside: true,
    Component: laterIn("own", () => import("../me/MeScreen.tsx").then(({ MeScreen }) => MeScreen)),
  },
];

/** Whether somebody of this role may use it, in the view of user management they have. */
export const isOffered = (screen: Screen, viewer: Viewer) =>
  (screen.permission === undefined || viewer.permissions.includes(screen.permission)) && (screen.view === undefined || screen.view === viewer.account.view);

/** What stands among the screens. Whoever administers nothing has their own pages there, and comes to them first. */
export function offeredTo(viewer: Viewer): Screen[] {
  const administered = SCREENS.filter((screen) => isOffered(screen, viewer) && !screen.isAside);
  return administered.length > 0 ? administered : SCREENS.filter(({ word }) => word === "me");
}
