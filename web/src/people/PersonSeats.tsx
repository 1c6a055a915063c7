import { useState } from "react";
import { useQuery } from "urql";
import { CustomizeSeatDocument, GiveSeatsDocument, ProductsDocument, TakeSeatsDocument } from "../api/generated/graphql.ts";
import { idempotencyKey, useChange, type Refusal } from "../api/change.ts";
import type { Trouble } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Confirm } from "../design/Dialog.tsx";
import { Check, Choice } from "../design/fields.tsx";
import { notify } from "../design/notices.tsx";
import { Refusals, TroubleLine } from "../design/states.tsx";
import { formatDay, formatList } from "../language/format.ts";
import { useText } from "../language/language.ts";
import { Lapsed } from "../products/Lapsed.tsx";
import { useMay } from "../session/viewer.ts";
import { Section, type FullPerson } from "./Section.tsx";

type Seat = NonNullable<FullPerson["seats"]>["nodes"][number];

export function PersonSeats({ person, onChanged }: { person: FullPerson; onChanged: () => void }) {
  const t = useText();
  const mayAssign = useMay("ASSIGNMENTS_WRITE");
  const [isGiving, setGiving] = useState(false);
  const seats = person.seats?.nodes ?? [];
  return (
    <Section
      title={t("person.products")}
      action={
        mayAssign && !isGiving ? (
          <Button look="bare" isSmall onPress={() => setGiving(true)}>
            {t("person.addProduct")}
          </Button>
        ) : null
      }
    >
      {seats.length === 0 ? <p className="note">{t("person.noProducts")}</p> : null}
      <ul className="held">
        {seats.map((seat) => (
          <Held key={seat.id} seat={seat} person={person} mayAssign={mayAssign} onChanged={onChanged} />
        ))}
      </ul>
      {isGiving ? (
        <Give
          person={person}
          onDone={(isDone) => {
            setGiving(false);
            if (isDone) onChanged();
          }}
        />
      ) : null}
    </Section>
  );
}

function Give({ person, onDone }: { person: FullPerson; onDone: (isDone: boolean) => void }) {
  const t = useText();
  const change = useChange();
  const [{ data, fetching }] = useQuery({ query: ProductsDocument });
  const [chosen, setChosen] = useState<string | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  const [isBusy, setBusy] = useState(false);
  const held = new Set(person.seats?.nodes.map(({ product }) => product.id));
  const products = (data?.account.products?.nodes ?? []).filter(({ id }) => !held.has(id));
  const productId = chosen ?? products.find(({ seats }) => (seats?.available ?? 0) > 0)?.id ?? "";
  const give = async () => {
    setBusy(true);
    const { data: done, trouble: failed } = await change(GiveSeatsDocument, { input: { sources: [{ productId }], userIds: [person.id], idempotencyKey: idempotencyKey() } });
    setBusy(false);
    setTrouble(failed);
    const errors = [...(done?.assignSeats?.results.flatMap(({ userErrors }) => userErrors) ?? []), ...(done?.assignSeats?.userErrors ?? [])];
    setRefusals(errors);
    if (failed || errors.length > 0) return;
    notify(t("person.productGiven"));
    onDone(true);
  };
  if (!fetching && products.length === 0) return <p className="note">{t("person.noMoreProducts")}</p>;
  return (
    <div className="form">
      <Choice
        label={t("bulk.product")}
        value={productId}
        onChange={setChosen}
        options={products.map(({ id, name, seats }) => ({ value: id, label: name, note: t("seats.free", { count: seats?.available ?? 0 }), isDisabled: (seats?.available ?? 0) === 0 }))}
      />
      <TroubleLine trouble={trouble} />
      <Refusals errors={refusals} />
      <div className="dialog-actions">
        <Button isSmall onPress={() => onDone(false)}>
          {t("common.cancel")}
        </Button>
        <Button look="main" isSmall isPending={isBusy} isDisabled={!productId} onPress={() => void give()}>
          {t("bulk.give")}
        </Button>
      </div>
    </div>
  );
}

function Held({ seat, person, mayAssign, onChanged }: { seat: Seat; person: FullPerson; mayAssign: boolean; onChanged: () => void }) {
  const t = useText();
  const change = useChange();
  const [parts, setParts] = useState<Set<string> | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  const [isBusy, setBusy] = useState(false);
  const [isAsked, setAsked] = useState(false);
  const on = seat.components.filter(({ isEnabled }) => isEnabled);
  const take = async () => {
    setBusy(true);
    const { data, trouble: failed } = await change(TakeSeatsDocument, { input: { userIds: [person.id], productId: seat.product.id } });
    setBusy(false);
    setAsked(false);
    setTrouble(failed);
    const errors = [...(data?.unassignSeats?.results.flatMap(({ userErrors }) => userErrors) ?? []), ...(data?.unassignSeats?.userErrors ?? [])];
    setRefusals(errors);
    if (failed || errors.length > 0) return;
    notify(data?.unassignSeats?.results.some(({ stays }) => stays) ? t("products.stays") : t("person.productTaken"));
    onChanged();
  };
  const save = async () => {
    if (!parts) return;
    setBusy(true);
    const { data, trouble: failed } = await change(CustomizeSeatDocument, { input: { assignmentId: seat.id, expectedVersion: seat.version, componentIds: [...parts] } });
    setBusy(false);
    setTrouble(failed);
    const errors = data?.customizeAssignment?.userErrors ?? [];
    setRefusals(errors);
    if (failed || errors.length > 0) return;
    setParts(null);
    notify(t("person.saved"));
  };
  return (
    <li>
      <div className="held-head">
        <span>
          <strong>{seat.product.name}</strong> <Lapsed seat={seat} />
        </span>
        {mayAssign ? (
          <span className="actions">
            {seat.components.length > 1 && !parts ? (
              <Button look="bare" isSmall onPress={() => setParts(new Set(on.map(({ component }) => component.id)))}>
                {t("person.customise")}
              </Button>
            ) : null}
            <Button look="bare" isSmall aria-label={`${t("bulk.take")}: ${seat.product.name}`} onPress={() => setAsked(true)}>
              {t("bulk.take")}
            </Button>
          </span>
        ) : null}
      </div>
      {parts ? (
        <div className="form">
          <div>
            {seat.components.map(({ component }) => (
              <Check
                key={component.id}
                isSelected={parts.has(component.id)}
                isDisabled={component.isRequired}
                onChange={(isOn) => {
                  const next = new Set(parts);
                  if (isOn) next.add(component.id);
                  else next.delete(component.id);
                  setParts(next);
                }}
              >
                <span>{component.name}</span>
                {component.isRequired ? <span className="note">{t("person.requiredPart")}</span> : null}
              </Check>
            ))}
          </div>
          <div className="dialog-actions">
            <Button isSmall onPress={() => setParts(null)}>
              {t("common.cancel")}
            </Button>
            <Button look="main" isSmall isPending={isBusy} onPress={() => void save()}>
              {t("common.save")}
            </Button>
          </div>
        </div>
      ) : (
        <p className="note">
          {t("person.since", { day: formatDay(seat.assignedAt) })}
          {seat.expiresOn ? ` · ${t("products.ends", { day: formatDay(seat.expiresOn) })}` : ""}
          {seat.groups && seat.groups.length > 0 ? ` · ${t("products.byGroups", { groups: formatList(seat.groups.map(({ name }) => name)) })}` : ""}
          {seat.components.length > 0 ? ` · ${on.map(({ component }) => component.name).join(", ")}` : ""}
        </p>
      )}
      <TroubleLine trouble={trouble} />
      <Refusals errors={refusals} />
      <Confirm
        title={`${t("bulk.take")}: ${seat.product.name}`}
        isOpen={isAsked}
        isHarm
        isBusy={isBusy}
        action={t("bulk.take")}
        cancel={t("common.cancel")}
        onConfirm={() => void take()}
        onClose={() => setAsked(false)}
      >
        <p>{t("person.takeAdvice", { name: person.displayName, product: seat.product.name })}</p>
      </Confirm>
    </li>
  );
}
