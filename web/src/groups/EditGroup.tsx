import { useState, type SyntheticEvent } from "react";
import { UpdateGroupDocument } from "../api/generated/graphql.ts";
import { useChange, type Refusal } from "../api/change.ts";
import type { Trouble } from "../api/trouble.ts";
import { Button } from "../design/Button.tsx";
import { Dialog } from "../design/Dialog.tsx";
import { TextInput } from "../design/fields.tsx";
import { notify } from "../design/notices.tsx";
import { Refusals, TroubleLine } from "../design/states.tsx";
import { useText } from "../language/language.ts";
import type { FullGroup } from "./GroupPage.tsx";

export function EditGroup({ group, onClose }: { group: FullGroup; onClose: () => void }) {
  const t = useText();
  const change = useChange();
  const [name, setName] = useState(group.name ?? "");
  const [description, setDescription] = useState(group.description ?? "");
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  const [isBusy, setBusy] = useState(false);
  const save = async (event: SyntheticEvent) => {
    event.preventDefault();
    setBusy(true);
    const { data, trouble: failed } = await change(UpdateGroupDocument, { input: { groupId: group.id, expectedVersion: group.version ?? null, name: name.trim(), description: description.trim() || null } });
    setBusy(false);
    setTrouble(failed);
    const errors = data?.updateGroup?.userErrors ?? [];
    setRefusals(errors);
    if (failed || errors.length > 0) return;
    notify(t("person.saved"));
    onClose();
  };
  return (
    <Dialog title={t("groups.edit")} isOpen onClose={onClose}>
      <form className="form" onSubmit={(event) => void save(event)}>
        <TextInput label={t("groups.name")} value={name} onChange={setName} maxLength={100} autoFocus isRequired />
        <TextInput label={t("groups.description")} value={description} onChange={setDescription} maxLength={500} />
        <TroubleLine trouble={trouble} />
        <Refusals errors={refusals} />
        <div className="dialog-actions">
          <Button onPress={onClose}>{t("common.cancel")}</Button>
          <Button look="main" type="submit" isPending={isBusy} isDisabled={!name.trim()}>
            {t("common.save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
