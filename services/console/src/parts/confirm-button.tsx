import { Button, type ButtonProps, Group, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { Problem } from './answers.tsx';

type Parts = ButtonProps & {
  /** The name of the action, on the button and as the title of the question. */
  label: string;
  /** The thing to which this button belongs, if a page has several buttons with this label. */
  of?: string;
  /** True if the action cannot be undone. Pressing Enter twice then does not trigger it. */
  isFinal?: boolean;
  /** What the action does. */
  children: ReactNode;
  change: { mutateAsync: () => Promise<unknown>; isPending: boolean; error: Error | null; reset: () => void };
};

/** A button that asks for confirmation, for actions that cannot be undone or that others notice immediately. */
export function ConfirmButton({ label, of, isFinal = false, children, change, ...button }: Parts) {
  const [isOpen, { open, close }] = useDisclosure();
  const name = of === undefined ? label : `${label} ${of}`;
  const ask = () => {
    change.reset();
    open();
  };
  // An error remains visible in the question.
  const confirm = () => void change.mutateAsync().then(close, () => undefined);
  return (
    <>
      <Button variant="default" {...button} {...(of === undefined ? {} : { 'aria-label': name })} onClick={ask}>
        {label}
      </Button>
      <Modal opened={isOpen} onClose={close} title={name}>
        <Stack>
          <Text>{children}</Text>
          {change.error === null ? undefined : <Problem error={change.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close} data-autofocus={isFinal || undefined}>
              Cancel
            </Button>
            <Button
              {...(isFinal ? { color: 'red' } : {})}
              data-autofocus={!isFinal || undefined}
              onClick={confirm}
              loading={change.isPending}
            >
              {label}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
