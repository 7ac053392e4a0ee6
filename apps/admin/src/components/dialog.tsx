import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { Button, type ButtonKind } from './button.tsx';

interface DialogProps {
  readonly title: string;
  readonly open: boolean;
  readonly onClose: () => void;
  readonly wide?: boolean;
  readonly children: ReactNode;
}

export function Dialog({ title, open, onClose, wide = false, children }: DialogProps) {
  return (
    <ModalOverlay
      className="modal-overlay"
      isDismissable
      isOpen={open}
      onOpenChange={(isOpen) => {
        if (!isOpen) onClose();
      }}
    >
      <Modal className={wide ? 'modal wide' : 'modal'}>
        <AriaDialog className="dialog">
          <Heading level={2} slot="title">
            {title}
          </Heading>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

interface ConfirmProps {
  readonly title: string;
  readonly open: boolean;
  readonly onClose: () => void;
  readonly onConfirm: () => void;
  /** What happens, in the words of the button. */
  readonly action: string;
  readonly kind?: ButtonKind;
  readonly busy?: boolean;
  readonly disabled?: boolean;
  readonly children: ReactNode;
}

/** Says what will happen before it does. */
export function Confirm(props: ConfirmProps) {
  const { title, open, onClose, onConfirm, action, kind = 'primary', busy = false, children } = props;
  return (
    <Dialog onClose={onClose} open={open} title={title}>
      <div className="stack">{children}</div>
      <div className="dialog-actions">
        <Button onPress={onClose}>Cancel</Button>
        <Button busy={busy} disabled={props.disabled ?? false} kind={kind} onPress={onConfirm}>
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
