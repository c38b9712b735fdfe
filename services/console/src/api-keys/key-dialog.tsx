import { Alert, Button, type ButtonProps, Group, Modal, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type ReactNode, useState } from 'react';
import { CopiedText } from '../parts/copied-text.tsx';

type Parts = Pick<ButtonProps, 'variant'> & {
  label: string;
  title: string;
  /** A key that is shown stays, whatever becomes of what it was made from. */
  isOffered?: boolean;
  /** What is asked before; it gives the key that was made. */
  children: (show: (key: string) => void) => ReactNode;
};

/** Where a key is made and shown, once: nothing but its own buttons closes it then, and nothing keeps it after that. */
export function KeyDialog({ label, title, isOffered = true, children, ...button }: Parts) {
  const [isOpen, { open, close }] = useDisclosure();
  const [key, setKey] = useState<string>();
  const isAsking = key === undefined;
  const leave = () => {
    close();
    setKey(undefined);
  };
  return (
    <>
      {isOffered ? (
        <Button {...button} onClick={open}>
          {label}
        </Button>
      ) : undefined}
      <Modal
        {...{ opened: isOpen, onClose: leave, size: 'lg' }}
        title={isAsking ? title : 'Your new key'}
        closeOnClickOutside={false}
        closeOnEscape={isAsking}
      >
        {isAsking ? (
          children(setKey)
        ) : (
          <Stack>
            <Alert color="orange">Copy it now: it is not shown again.</Alert>
            <CopiedText text={key} what="the key" />
            <Group justify="flex-end">
              <Button onClick={leave}>I have it</Button>
            </Group>
          </Stack>
        )}
      </Modal>
    </>
  );
}
