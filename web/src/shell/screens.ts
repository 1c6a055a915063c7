// The screens: where they are, what they need, and how they are fetched. The server answers these addresses (src/http/pages/console.rs).
import type { ComponentType, LazyExoticComponent } from "react";
import type { IconName } from "../design/icons.tsx";
import type { AccountView, Permission } from "../api/generated/graphql.ts";
import type { Key } from "../language/language.ts";
import type { Viewer } from "../session/viewer.ts";
import { later } from "./later.ts";

export interface Screen {
  word: "people" | "invite" | "imports" | "groups" | "products" | "reports";
  label: Key;
  icon: IconName;
  permission: Permission;
  /** Of the one view of user management only. */
  view?: AccountView;
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
    word: "reports",
    label: "nav.reports",
    icon: "reports",
    permission: "EXPORTS_WRITE",
    Component: later(() => import("../reports/ReportsScreen.tsx").then(({ ReportsScreen }) => ReportsScreen)),
  },
];

/** Whether somebody of this role may use it, in the view of user management they have. */
export const isOffered = (screen: Screen, viewer: Viewer) => viewer.permissions.includes(screen.permission) && (screen.view === undefined || screen.view === viewer.account.view);
