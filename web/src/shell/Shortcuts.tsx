import { Button } from "../design/Button.tsx";
import { Dialog } from "../design/Dialog.tsx";
import { useText, type Key } from "../language/language.ts";

const GROUPS: { title: Key; keys: [string[], Key][] }[] = [
  {
    title: "keys.everywhere",
    keys: [
      [["Ctrl K"], "palette.title"],
      [["?"], "keys.title"],
      [["Esc"], "keys.close"],
    ],
  },
  {
    title: "keys.inLists",
    keys: [
      [["↑", "↓", "Page Up", "Page Down", "Home", "End"], "keys.go"],
      [["Space"], "keys.select"],
      [["Shift ↑", "Shift ↓"], "keys.range"],
      [["Ctrl A"], "keys.all"],
      [["Enter"], "keys.open"],
      [["Esc"], "keys.none"],
    ],
  },
];

/** Which keys do what. */
export function Shortcuts({ onClose }: { onClose: () => void }) {
  const t = useText();
  return (
    <Dialog title={t("keys.title")} isOpen onClose={onClose}>
      <div className="dialog-body">
        {GROUPS.map(({ title, keys }) => (
          <section key={title} className="keys">
            <h3>{t(title)}</h3>
            <dl className="facts">
              {keys.map(([names, what]) => (
                <div key={what} className="key-line">
                  <dt>
                    {names.map((name) => (
                      <kbd key={name}>{name}</kbd>
                    ))}
                  </dt>
                  <dd>{t(what)}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <div className="dialog-actions">
        <Button look="main" onPress={onClose} autoFocus>
          {t("common.close")}
        </Button>
      </div>
    </Dialog>
  );
}
