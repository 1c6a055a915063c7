// What is filled in: each with its label, what helps to fill it in, and what is wrong with it, tied together for every reader.
import { useId, type ReactNode } from "react";
import {
  Button as AriaButton,
  CheckboxButton,
  CheckboxField,
  CheckboxGroup as AriaCheckboxGroup,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  RadioButton,
  RadioField,
  RadioGroup as AriaRadioGroup,
  SearchField as AriaSearchField,
  Select,
  SelectValue,
  Text,
  TextArea as AriaTextArea,
  TextField,
  type TextFieldProps,
} from "react-aria-components";
import { useText } from "../language/language.ts";
import { Icon } from "./icons.tsx";

interface FieldProps extends Omit<TextFieldProps, "children" | "className" | "style"> {
  label: string;
  help?: ReactNode;
  error?: string | undefined;
}

export function TextInput({ label, help, error, min, max, ...props }: FieldProps & { min?: string; max?: string }) {
  return (
    <TextField {...props} isInvalid={error !== undefined} className="field">
      <Label>{label}</Label>
      <Input className="input" min={min} max={max} />
      {help ? <Text slot="description">{help}</Text> : null}
      <FieldError>{error}</FieldError>
    </TextField>
  );
}

export function TextArea({ label, help, error, rows = 4, ...props }: FieldProps & { rows?: number }) {
  return (
    <TextField {...props} isInvalid={error !== undefined} className="field">
      <Label>{label}</Label>
      <AriaTextArea className="input" rows={rows} />
      {help ? <Text slot="description">{help}</Text> : null}
      <FieldError>{error}</FieldError>
    </TextField>
  );
}

export function SearchInput({ label, value, onChange, placeholder }: { label: string; value: string; onChange: (value: string) => void; placeholder?: string }) {
  const t = useText();
  return (
    <AriaSearchField aria-label={label} value={value} onChange={onChange} className="search" maxLength={200}>
      <Icon name="search" />
      <Input className="input" placeholder={placeholder ?? label} />
      <AriaButton className="search-clear" aria-label={t("common.clear")}>
        <Icon name="close" />
      </AriaButton>
    </AriaSearchField>
  );
}

export interface Option<T extends string> {
  value: T;
  label: string;
  note?: string;
  isDisabled?: boolean;
}

interface ChoiceProps<T extends string> {
  label: string;
  options: readonly Option<T>[];
  value: T;
  onChange: (value: T) => void;
  help?: string;
  isLabelHidden?: boolean;
  isDisabled?: boolean;
}

/** One of several, from a list that opens. */
export function Choice<T extends string>({ label, options, value, onChange, help, isLabelHidden = false, isDisabled = false }: ChoiceProps<T>) {
  return (
    <Select
      className="field choice"
      aria-label={isLabelHidden ? label : undefined}
      value={value}
      onChange={(key) => onChange(String(key) as T)}
      isDisabled={isDisabled}
      disabledKeys={options.filter((option) => option.isDisabled).map((option) => option.value)}
    >
      {isLabelHidden ? null : <Label>{label}</Label>}
      <AriaButton className="input choice-button">
        <SelectValue>{({ selectedText }) => selectedText}</SelectValue>
        <Icon name="down" />
      </AriaButton>
      {help ? <Text slot="description">{help}</Text> : null}
      <Popover className="popover">
        <ListBox className="list">
          {options.map((option) => (
            <ListBoxItem key={option.value} id={option.value} textValue={option.label} className="list-item">
              <Text slot="label">{option.label}</Text>
              {option.note ? <Text slot="description">{option.note}</Text> : null}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </Select>
  );
}

interface ChoicesProps<T extends string> {
  label: string;
  options: readonly Option<T>[];
  value: readonly T[];
  onChange: (value: T[]) => void;
  help?: string;
  error?: string | undefined;
}

/** Any of several. */
export function Choices<T extends string>({ label, options, value, onChange, help, error }: ChoicesProps<T>) {
  return (
    <AriaCheckboxGroup className="field choices" value={[...value]} onChange={(values) => onChange(values as T[])} isInvalid={error !== undefined}>
      <Label>{label}</Label>
      <div className="choices-list">
        {options.map((option) => (
          <Check key={option.value} value={option.value} isDisabled={option.isDisabled ?? false}>
            <span>{option.label}</span>
            {option.note ? <span className="note">{option.note}</span> : null}
          </Check>
        ))}
      </div>
      {help ? <Text slot="description">{help}</Text> : null}
      <FieldError>{error}</FieldError>
    </AriaCheckboxGroup>
  );
}

interface CheckProps {
  children: ReactNode;
  value?: string;
  isSelected?: boolean;
  isDisabled?: boolean;
  onChange?: (isSelected: boolean) => void;
}

export function Check({ children, ...props }: CheckProps) {
  return (
    <CheckboxField {...props}>
      <CheckboxButton className="check">
        <CheckBox />
        <span className="check-label">{children}</span>
      </CheckboxButton>
    </CheckboxField>
  );
}

/** The box itself; what it says of its state is said by whoever holds it. */
export function CheckBox({ state }: { state?: "on" | "off" | "some" }) {
  return (
    <span className="check-box" data-state={state} aria-hidden="true">
      <Icon name={state === "some" ? "dash" : "check"} />
    </span>
  );
}

interface RadiosProps<T extends string> {
  label: string;
  options: readonly Option<T>[];
  value: T;
  onChange: (value: T) => void;
  isInRow?: boolean;
}

/** One of a few, all of them in sight. */
export function Radios<T extends string>({ label, options, value, onChange, isInRow = false }: RadiosProps<T>) {
  const id = useId();
  return (
    <AriaRadioGroup className={`field radios${isInRow ? " radios-row" : ""}`} value={value} onChange={(next) => onChange(next as T)} aria-labelledby={id}>
      <Label id={id}>{label}</Label>
      <div className="radios-list">
        {options.map((option) => (
          <RadioField key={option.value} value={option.value} isDisabled={option.isDisabled ?? false}>
            <RadioButton className="radio">
              <span className="radio-dot" aria-hidden="true" />
              <span className="check-label">
                <span>{option.label}</span>
                {option.note ? <span className="note">{option.note}</span> : null}
              </span>
            </RadioButton>
          </RadioField>
        ))}
      </div>
    </AriaRadioGroup>
  );
}
