import { useState } from "react";
import { useClient } from "urql";
import { useLocation } from "wouter";
import type { Refusal } from "../api/change.ts";
import type { Trouble } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Refusals, sayRefusal, TroubleLine } from "../design/states.tsx";
import { useText } from "../language/language.ts";
import { asCsv, fieldOf, mappingOf } from "./columns.ts";
import type { FullImport } from "./ImportPage.tsx";
import { planOf, tryOut } from "./start.ts";

/** The rows that did not go in, or would not, with their line in the file and the reason. They can be corrected where they stand, and tried out as a file of their own. */
export function ImportRows({ one }: { one: FullImport }) {
  const t = useText();
  const client = useClient();
  const [, navigate] = useLocation();
  const { rows } = one;
  const columns = one.preview?.columns ?? [];
  const [edited, setEdited] = useState<string[][] | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  const [isBusy, setBusy] = useState(false);
  if (rows.nodes.length === 0) return null;
  const edit = () => setEdited(rows.nodes.map(({ cells }) => columns.map((_, place) => cells[place] ?? "")));
  const write = (line: number, place: number, text: string) => setEdited((before) => before?.map((cells, index) => (index === line ? cells.map((cell, at) => (at === place ? text : cell)) : cells)) ?? null);
  const again = async (lines: string[][]) => {
    setBusy(true);
    // Whoever emptied a row wants it left out.
    const wanted = lines.filter((cells) => cells.some((cell) => cell.trim()));
    const file = new File([asCsv([columns.map(({ header }) => header), ...wanted])], t("imports.correctedName", { file: one.filename.replace(/\.\w+$/, "") }), { type: "text/csv" });
    const mapping = mappingOf(columns.map(({ header, mappedTo }) => ({ header, field: fieldOf(mappedTo) })));
    const tried = await tryOut(client, { file, plan: planOf(one) }, () => undefined, mapping);
    if ("importId" in tried) {
      navigate(`/imports/${tried.importId}`);
      return;
    }
    setBusy(false);
    setTrouble("trouble" in tried ? tried.trouble : null);
    setRefusals("refusals" in tried ? tried.refusals : []);
  };
  return (
    <section className="card import-part">
      <div className="panel-title">
        <h2>{t("imports.failedRows", { count: rows.totalCount })}</h2>
        {columns.length > 0 && !edited ? (
          <Button isSmall onPress={edit}>
            {t("imports.correct")}
          </Button>
        ) : null}
      </div>
      {edited ? <p className="note">{t("imports.correctHelp")}</p> : null}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, and the keyboard must be able to */}
      <div className="scroll-x" tabIndex={0} role="region" aria-label={t("imports.failedRows", { count: rows.totalCount })}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t("imports.line")}</th>
              {edited ? (
                columns.map(({ header }, place) => (
                  <th key={place} scope="col">
                    {header}
                  </th>
                ))
              ) : (
                <th scope="col">{t("imports.row")}</th>
              )}
              <th scope="col">{t("bulk.reason")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.nodes.map((row, line) => (
              <tr key={row.id}>
                <td className="soft">{row.lineNumber}</td>
                {edited ? (
                  columns.map(({ header }, place) => (
                    <td key={place} className="edited">
                      <input
                        className="input"
                        aria-label={t("imports.cell", { line: row.lineNumber, column: header || String(place + 1) })}
                        value={edited[line]?.[place] ?? ""}
                        onChange={(event) => write(line, place, event.target.value)}
                      />
                    </td>
                  ))
                ) : (
                  <td className="cells">{row.cells.filter(Boolean).join(" · ")}</td>
                )}
                <td className="reason">{row.userErrors.map(sayRefusal).join(" ")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.pageInfo.hasNextPage ? <p className="note">{edited ? t("imports.firstCorrected", { count: rows.nodes.length }) : t("imports.firstRows", { count: rows.nodes.length })}</p> : null}
      <TroubleLine trouble={trouble} />
      <Refusals errors={refusals} />
      {edited ? (
        <div className="actions">
          <Button look="main" isPending={isBusy} onPress={() => void again(edited)}>
            {t("imports.checkCorrected")}
          </Button>
          <Button onPress={() => setEdited(null)}>{t("common.cancel")}</Button>
        </div>
      ) : null}
    </section>
  );
}
