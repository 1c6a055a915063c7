import { createContext, useContext } from "react";
import type { Permission, ViewerQuery } from "../api/generated/graphql.ts";

export type Viewer = NonNullable<ViewerQuery["viewer"]>;

export const ViewerContext = createContext<Viewer | null>(null);

export function useViewer(): Viewer {
  const viewer = useContext(ViewerContext);
  if (!viewer) throw new Error("There is no viewer outside of the shell.");
  return viewer;
}

export function useMay(permission: Permission): boolean {
  return useViewer().permissions.includes(permission);
}
