import { Choice, TextArea, TextInput } from "../design/fields.tsx";
import { currentLocale, useText } from "../language/language.ts";
import { isWrong, SETTINGS, type Setting, type Typed } from "./settings.ts";

/** Languages to choose among, by their tags; the one an account has is there too. */
const TAGS = ["en", "en-GB", "de", "de-CH", "fr", "fr-CA", "ja", "cs", "da", "es", "fi", "it", "ko", "nb", "nl", "pl", "pt", "pt-BR", "sv", "tr", "zh"];

interface FieldsProps {
  typed: Typed;
  /** What is wrong is said once somebody wanted to save it. */
  isTried: boolean;
  onType: (typed: Typed) => void;
}

export function Fields({ typed, isTried, onType }: FieldsProps) {
  return SETTINGS.map((setting) => {
    const { name } = setting;
    return <Field key={name} setting={setting} value={typed[name] ?? ""} isTried={isTried} onChange={(value) => onType({ ...typed, [name]: value })} />;
  });
}

interface FieldProps {
  setting: Setting;
  value: string;
  isTried: boolean;
  onChange: (value: string) => void;
}

function Field({ setting, value, isTried, onChange }: FieldProps) {
  const t = useText();
  const common = { label: t(setting.label), help: t(setting.help), value, onChange };
  const isBad = isTried && isWrong(setting, value);
  switch (setting.kind) {
    case "number":
      return <TextInput {...common} inputMode="numeric" error={isBad ? t("account.between", { least: setting.least, most: setting.most }) : undefined} />;
    case "domains":
      return <TextArea {...common} spellCheck="false" error={isBad ? t(setting.wrong) : undefined} />;
    case "text":
      return (
        <div className="settings-wide">
          <TextInput {...common} error={isBad ? t(setting.wrong) : undefined} />
        </div>
      );
    case "language": {
      const names = new Intl.DisplayNames([currentLocale()], { type: "language" });
      const tags = TAGS.includes(value) ? TAGS : [...TAGS, value];
      const options = tags.map((tag) => ({ value: tag, label: names.of(tag) ?? tag })).sort((one, other) => one.label.localeCompare(other.label, currentLocale()));
      return <Choice {...common} options={options} />;
    }
  }
}
