// The screens: where they are, what they need, and how they are fetched. The server answers these addresses (src/http/pages/console.rs).
import type { ComponentType, LazyExoticComponent } from "react";
import type { IconName } from "../design/icons.tsx";
import type { AccountView, Permission } from "../api/generated/graphql.ts";
import type { Key } from "../language/language.ts";
import { later } from "./later.ts";

export interface Screen {
  word: "people" | "invite" | "imports" | "products" | "roles" | "single-sign-on" | "api-tokens" | "audit" | "account" | "notifications";
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
    word: "imports",
    label: "nav.imports",
    icon: "imports",
    permission: "IMPORTS_WRITE",
    view: "CURRENT",
    Component: later(() => import("../imports/ImportsScreen.tsx").then(({ ImportsScreen }) => ImportsScreen)),
  },
  {
    word: "products",
    label: "nav.products",
    icon: "products",
    permission: "PRODUCTS_READ",
    Component: later(() => import("../products/ProductsScreen.tsx").then(({ ProductsScreen }) => ProductsScreen)),
  },
  {
    word: "roles",
    label: "nav.roles",
    icon: "roles",
    permission: "USERS_READ",
    Component: later(() => import("../roles/RolesScreen.tsx").then(({ RolesScreen }) => RolesScreen)),
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
];
