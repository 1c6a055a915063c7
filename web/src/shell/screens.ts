// The screens: where they are, what they need, and how they are fetched. The server answers these addresses (src/http/pages/console.rs).
import type { ComponentType, LazyExoticComponent } from "react";
import type { IconName } from "../design/icons.tsx";
import type { AccountView, Permission } from "../api/generated/graphql.ts";
import type { Key } from "../language/language.ts";
import { later } from "./later.ts";

export interface Screen {
  word: "people" | "invite" | "imports" | "products";
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
    word: "products",
    label: "nav.products",
    icon: "products",
    permission: "PRODUCTS_READ",
    Component: later(() => import("../products/ProductsScreen.tsx").then(({ ProductsScreen }) => ProductsScreen)),
  },
];
