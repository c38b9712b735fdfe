import { Button, type ButtonProps, Modal, type ModalProps } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactNode } from 'react';

type Parts = {
  label: string;
  /** The title of the dialog. Default: the label. */
  title?: string;
  button?: Pick<ButtonProps, 'variant' | 'size'> & { 'aria-label'?: string };
  dialog?: Pick<ModalProps, 'size' | 'closeOnClickOutside' | 'closeOnEscape'>;
  /** The content of the dialog, which can close it. */
  children: (close: () => void) => ReactNode;
};

/** A button, and the dialog that it opens. */
export function DialogButton({ label, title = label, button, dialog, children }: Parts) {
  const [isOpen, { open, close }] = useDisclosure();
  return (
    <>
      <Button {...button} onClick={open}>
        {label}
      </Button>
      <Modal {...dialog} opened={isOpen} onClose={close} title={title}>
        {children(close)}
      </Modal>
    </>
  );
}
