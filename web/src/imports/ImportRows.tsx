import { sayRefusal } from "../design/states.tsx";
import { useText } from "../language/language.ts";
import type { FullImport } from "./ImportPage.tsx";

/** The rows that did not go in, or would not, with their line in the file and the cell that is at fault. */
export function ImportRows({ one }: { one: FullImport }) {
  const t = useText();
  const { rows } = one;
  if (rows.nodes.length === 0) return null;
  return (
    <section className="card import-part">
      <h2>{t("imports.failedRows", { count: rows.totalCount })}</h2>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, and the keyboard must be able to */}
      <div className="scroll-x" tabIndex={0} role="region" aria-label={t("imports.failedRows", { count: rows.totalCount })}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t("imports.line")}</th>
              <th scope="col">{t("imports.row")}</th>
              <th scope="col">{t("bulk.reason")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.nodes.map((row) => (
              <tr key={row.id}>
                <td className="soft">{row.lineNumber}</td>
                <td className="cells">{row.cells.filter(Boolean).join(" · ")}</td>
                <td className="reason">{row.userErrors.map(sayRefusal).join(" ")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.pageInfo.hasNextPage ? <p className="note">{t("imports.firstRows", { count: rows.nodes.length })}</p> : null}
    </section>
  );
}
