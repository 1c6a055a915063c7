import type { ReactNode } from "react";
import { Menu as AriaMenu, MenuItem, MenuTrigger, Popover, Text } from "react-aria-components";

export interface MenuEntry {
  id: string;
  label: string;
  note?: string | undefined;
  isDisabled?: boolean;
  isHarm?: boolean;
}

interface MenuProps {
  label: string;
  entries: readonly MenuEntry[];
  onAction: (id: string) => void;
  /** The button that opens it. */
  children: ReactNode;
  selected?: string;
}

export function Menu({ label, entries, onAction, children, selected }: MenuProps) {
  const disabledKeys = entries.filter((entry) => entry.isDisabled).map((entry) => entry.id);
  return (
    <MenuTrigger>
      {children}
      <Popover className="popover">
        <AriaMenu
          aria-label={label}
          className="list"
          onAction={(key) => onAction(String(key))}
          disabledKeys={disabledKeys}
          {...(selected === undefined ? {} : { selectionMode: "single" as const, selectedKeys: [selected] })}
        >
          {entries.map((entry) => (
            <MenuItem key={entry.id} id={entry.id} textValue={entry.label} className={`list-item${entry.isHarm ? " list-item-harm" : ""}`}>
              <Text slot="label">{entry.label}</Text>
              {entry.note ? <Text slot="description">{entry.note}</Text> : null}
            </MenuItem>
          ))}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
