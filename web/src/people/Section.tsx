import type { ReactNode } from "react";
import type { PersonQuery } from "../api/generated/graphql.ts";

export type FullPerson = NonNullable<PersonQuery["user"]>;

/** A part of what is known of one person. */
export function Section({ title, action, children }: { title: string; action?: ReactNode; children: ReactNode }) {
  return (
    <section>
      <div className="panel-title">
        <h3>{title}</h3>
        {action}
      </div>
      {children}
    </section>
  );
}
