import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { Button } from "./Button.tsx";

interface DialogProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  children: ReactNode;
  /** While something runs, it cannot be closed by accident. */
  isKept?: boolean;
}

export function Dialog({ title, isOpen, onClose, children, isKept = false }: DialogProps) {
  return (
    <ModalOverlay className="overlay" isOpen={isOpen} onOpenChange={(open) => (open ? undefined : onClose())} isDismissable={!isKept} isKeyboardDismissDisabled={isKept}>
      <Modal className="modal">
        <AriaDialog className="dialog">
          <Heading slot="title">{title}</Heading>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

interface ConfirmProps {
  title: string;
  children: ReactNode;
  action: string;
  cancel: string;
  isOpen: boolean;
  isHarm?: boolean;
  isBusy?: boolean;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asked before what hurts: says what will happen, and is answered by what it does. */
export function Confirm({ title, children, action, cancel, isOpen, isHarm = false, isBusy = false, onConfirm, onClose }: ConfirmProps) {
  return (
    <Dialog title={title} isOpen={isOpen} onClose={onClose} isKept={isBusy}>
      <div className="dialog-body">{children}</div>
      <div className="dialog-actions">
        <Button onPress={onClose} isDisabled={isBusy}>
          {cancel}
        </Button>
        <Button look={isHarm ? "harm" : "main"} onPress={onConfirm} isDisabled={isBusy}>
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
