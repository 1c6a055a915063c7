import { useState, type ReactNode } from "react";
import { Button } from "../design/Button.tsx";
import { Choice, TextInput } from "../design/fields.tsx";
import { useText, type Key } from "../language/language.ts";
import type { Address } from "../list/address.ts";
import { GRANULARITIES, isAskable, LONGEST, PRESETS, type Asked, type Preset } from "./period.ts";

const NAMES: Record<Preset, Key> = { "30": "reports.last30", "90": "reports.last90", "365": "reports.last365", own: "reports.ownPeriod" };

interface BarProps {
  asked: Asked;
  address: Address;
  products: readonly { id: string; name: string }[];
  productId: string;
  hasGranularity: boolean;
  children?: ReactNode;
}

/** Of which days, in which steps, of which product. */
export function PeriodBar({ asked, address, products, productId, hasGranularity, children }: BarProps) {
  const t = useText();
  const { change } = address;
  const [isOwn, setOwn] = useState(asked.preset === "own");
  const [from, setFrom] = useState(asked.period.from);
  const [to, setTo] = useState(asked.period.to);
  const isGood = isAskable({ from, to });
  const choose = (preset: Preset) => {
    setOwn(preset === "own");
    if (preset !== "own") return change({ days: preset === "90" ? "" : preset, from: "", to: "", by: "" });
    setFrom(asked.period.from);
    setTo(asked.period.to);
  };
  return (
    <>
      <div className="bar">
        <Choice isLabelHidden label={t("reports.period")} value={isOwn ? "own" : asked.preset} onChange={choose} options={PRESETS.map((value) => ({ value, label: t(NAMES[value]) }))} />
        {hasGranularity ? (
          <Choice isLabelHidden label={t("reports.by")} value={asked.by} onChange={(by) => change({ by })} options={GRANULARITIES.map((value) => ({ value, label: t(`reports.by.${value}`) }))} />
        ) : null}
        <Choice
          isLabelHidden
          label={t("bulk.product")}
          value={productId || "any"}
          onChange={(value) => change({ product: value === "any" ? "" : value })}
          options={[{ value: "any", label: t("reports.allProducts") }, ...products.map(({ id, name }) => ({ value: id, label: name }))]}
        />
        {children}
      </div>
      {isOwn ? (
        <div className="bar bar-days">
          <TextInput type="date" label={t("reports.from")} value={from} onChange={setFrom} max={to} />
          <TextInput type="date" label={t("reports.to")} value={to} onChange={setTo} min={from} />
          <Button isSmall isDisabled={!isGood} onPress={() => change({ days: "", from, to, by: "" })}>
            {t("reports.show")}
          </Button>
          {isGood ? null : <p className="note">{t("reports.longest", { count: LONGEST })}</p>}
        </div>
      ) : null}
    </>
  );
}
