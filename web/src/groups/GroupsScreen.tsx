import { useMemo, useState, type SyntheticEvent } from "react";
import { Link, useLocation, useRoute } from "wouter";
import { CreateGroupDocument, GroupsDocument, type GroupHeadFragment, type GroupsQuery, type GroupsQueryVariables } from "../api/generated/graphql.ts";
import { idempotencyKey, useChange, type Refusal } from "../api/change.ts";
import type { Trouble } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Dialog } from "../design/Dialog.tsx";
import { SearchInput, TextInput } from "../design/fields.tsx";
import { Empty, Refusals, Title, TroubleLine } from "../design/states.tsx";
import { formatNumber } from "../language/format.ts";
import { useText } from "../language/language.ts";
import { useAddress } from "../list/address.ts";
import { ListTable, type Column } from "../list/ListTable.tsx";
import { useWalk, type List } from "../list/walk.ts";
import { WalkStates } from "../list/WalkStates.tsx";
import { useMay } from "../session/viewer.ts";
import { GroupPage } from "./GroupPage.tsx";
import "./groups.css";

export function GroupsScreen() {
  const [, route] = useRoute("/groups/:id");
  return route ? <GroupPage key={route.id} id={route.id} /> : <Groups />;
}

const LIST: List<GroupsQuery, GroupsQueryVariables, GroupHeadFragment> = { document: GroupsDocument, read: (data) => data.account.groups };
/** What the server takes of a name. */
export const NAME = 100;
export const DESCRIPTION = 500;

function Groups() {
  const t = useText();
  const mayWrite = useMay("GROUPS_WRITE");
  const [, navigate] = useLocation();
  const { params, typed, type } = useAddress();
  const search = (params.get("q") ?? "").trim().slice(0, NAME);
  const walk = useWalk(LIST, { filter: search ? { search } : null });
  const [isMaking, setMaking] = useState(false);
  const columns = useMemo((): Column<GroupHeadFragment>[] => [
    {
      name: "name",
      label: t("groups.name"),
      cell: ({ id, name, description }) => (
        <span className="cell-two">
          <Link href={`/groups/${id}`} tabIndex={-1} className="person-name">
            {name}
          </Link>
          {description ? <span className="person-email">{description}</span> : null}
        </span>
      ),
    },
    { name: "gives", label: t("groups.gives"), isMinor: true, cell: ({ subscriptions }) => <span className="soft clip">{(subscriptions ?? []).map(({ product }) => product.name).join(", ") || "–"}</span> },
    { name: "members", label: t("groups.members"), isNumber: true, cell: ({ memberCount }) => formatNumber(memberCount) },
  ], [t]);
  const make = mayWrite ? (
    <Button look="main" isSmall onPress={() => setMaking(true)}>
      {t("groups.new")}
    </Button>
  ) : null;
  return (
    <div className="full">
      <div className="head">
        <div>
          <Title>{t("groups.title")}</Title>
          {walk.total === null ? null : <p role="status">{t("groups.count", { count: walk.total })}</p>}
        </div>
        {make}
      </div>
      <div className="bar">
        <SearchInput label={t("groups.search")} value={typed} onChange={type} />
      </div>
      <WalkStates walk={walk} empty={search ? <Empty title={t("groups.noneMatch")} /> : <Empty title={t("groups.none")}>{t("groups.noneAdvice")}</Empty>}>
        <ListTable list={LIST} walk={walk} label={t("groups.title")} columns={columns} onOpen={({ id }) => navigate(`/groups/${id}`)} />
      </WalkStates>
      {isMaking ? <NewGroup onClose={() => setMaking(false)} onMade={(id) => navigate(`/groups/${id}`)} /> : null}
    </div>
  );
}

function NewGroup({ onClose, onMade }: { onClose: () => void; onMade: (id: string) => void }) {
  const t = useText();
  const change = useChange();
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [key] = useState(idempotencyKey);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  const [isBusy, setBusy] = useState(false);
  const make = async (event: SyntheticEvent) => {
    event.preventDefault();
    setBusy(true);
    const { data, trouble: failed } = await change(CreateGroupDocument, { input: { name: name.trim(), description: description.trim() || null, idempotencyKey: `${key} ${name.trim()}`.slice(0, 60) } });
    setBusy(false);
    setTrouble(failed);
    setRefusals(data?.createGroup?.userErrors ?? []);
    const made = data?.createGroup?.group;
    if (made) onMade(made.id);
  };
  return (
    <Dialog title={t("groups.new")} isOpen onClose={onClose}>
      <form className="form" onSubmit={(event) => void make(event)}>
        <TextInput label={t("groups.name")} value={name} onChange={setName} maxLength={NAME} autoFocus isRequired />
        <TextInput label={t("groups.description")} value={description} onChange={setDescription} maxLength={DESCRIPTION} />
        <TroubleLine trouble={trouble} />
        <Refusals errors={refusals} />
        <div className="dialog-actions">
          <Button onPress={onClose}>{t("common.cancel")}</Button>
          <Button look="main" type="submit" isPending={isBusy} isDisabled={!name.trim()}>
            {t("groups.make")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
