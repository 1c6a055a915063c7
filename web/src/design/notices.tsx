// What has just been done, said in passing and to readers of the screen.
import { useEffect, useSyncExternalStore } from "react";
import { useText } from "../language/language.ts";
import { Button } from "./Button.tsx";
import { Icon } from "./icons.tsx";

interface Notice {
  id: number;
  text: string;
}

const STAYS = 6_000;
let notices: Notice[] = [];
let next = 1;
const listeners = new Set<() => void>();

function change(to: Notice[]) {
  notices = to;
  for (const listener of listeners) listener();
}

export const notify = (text: string) => change([...notices.slice(-2), { id: next++, text }]);
const dismiss = (id: number) => change(notices.filter((notice) => notice.id !== id));

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

export function Notices() {
  const all = useSyncExternalStore(subscribe, () => notices);
  return (
    <div className="notices" role="status">
      {all.map((notice) => (
        <Passing key={notice.id} notice={notice} />
      ))}
    </div>
  );
}

function Passing({ notice }: { notice: Notice }) {
  const t = useText();
  useEffect(() => {
    const timer = setTimeout(() => dismiss(notice.id), STAYS);
    return () => clearTimeout(timer);
  }, [notice.id]);
  return (
    <div className="passing">
      <Icon name="check" />
      <span>{notice.text}</span>
      <Button look="bare" isSmall icon="close" aria-label={t("common.close")} onPress={() => dismiss(notice.id)} />
    </div>
  );
}
