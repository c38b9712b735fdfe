import { Button, type ButtonProps, Group, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { Problem } from './answers.tsx';

type Parts = ButtonProps & {
  /** The action, as the button says it; also the title of the question. */
  label: string;
  /** If a page has several buttons with this label: the thing to which this one belongs. */
  of?: string;
  /** The action cannot be undone, so pressing Enter twice does not trigger it. */
  isFinal?: boolean;
  /** What the action does. */
  children: ReactNode;
  change: { mutateAsync: () => Promise<unknown>; isPending: boolean; error: Error | null; reset: () => void };
};

/** A button for actions that cannot be undone, or that others notice at once: it asks for confirmation. */
export function ConfirmButton({ label, of, isFinal = false, children, change, ...button }: Parts) {
  const [isOpen, { open, close }] = useDisclosure();
  const name = of === undefined ? label : `${label} ${of}`;
  const ask = () => {
    change.reset();
    open();
  };
  // An error stays in the question.
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
