import type { ReactNode } from "react";
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from "react-aria-components";
import { Icon, type IconName } from "./icons.tsx";

export interface ButtonProps extends Omit<AriaButtonProps, "children" | "className" | "style" | "isPending"> {
  children?: ReactNode;
  /** The one thing to do here is `main`; what hurts is `harm`; what stands among others is `plain`; `bare` has no border. */
  look?: "main" | "plain" | "harm" | "bare";
  icon?: IconName;
  isSmall?: boolean;
  /** What it began is under way: it keeps the focus, and does nothing more. */
  isPending?: boolean;
}

export function Button({ children, look = "plain", icon, isSmall = false, isPending = false, onPress, type, ...props }: ButtonProps) {
  const isIconOnly = children === undefined;
  return (
    <AriaButton
      {...props}
      type={isPending ? "button" : type}
      onPress={isPending ? undefined : onPress}
      aria-disabled={isPending || undefined}
      className={`button button-${look}${isSmall ? " button-small" : ""}${isIconOnly ? " button-icon" : ""}`}
    >
      {icon ? <Icon name={icon} /> : null}
      {children}
    </AriaButton>
  );
}
