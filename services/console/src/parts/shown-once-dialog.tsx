import { Button, type ButtonProps, Group, Modal, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type ReactNode, useState } from 'react';

type Parts<Made> = Pick<ButtonProps, 'variant'> & {
  label: string;
  title: string;
  /** The title once the secret has been created. */
  titleOfShown?: string;
  /** If false, the form is not offered. The result remains visible nevertheless. */
  isOffered?: boolean;
  isOpenAtFirst?: boolean;
  onLeave?: (() => void) | undefined;
  /** The form, which passes on what was created. */
  children: (show: (made: Made) => void) => ReactNode;
  shown: (made: Made) => ReactNode;
};

/**
 * Creates a secret and shows it once: only its own buttons can then close the dialog, and nothing keeps the secret
 * afterwards.
 */
export function ShownOnceDialog<Made>({ isOffered = true, children, shown, ...parts }: Parts<Made>) {
  const { label, title, titleOfShown = title, isOpenAtFirst, onLeave, ...button } = parts;
  const [isOpen, { open, close }] = useDisclosure(isOpenAtFirst);
  const [made, setMade] = useState<Made>();
  const isAsking = made === undefined;
  const leave = () => {
    close();
    setMade(undefined);
    onLeave?.();
  };
  return (
    <>
      {isOffered ? (
        <Button {...button} onClick={open}>
          {label}
        </Button>
      ) : undefined}
      <Modal
        // The dialog is also open if the secret was created after somebody had closed the form.
        opened={isOpen || !isAsking}
        onClose={leave}
        size="lg"
        title={isAsking ? title : titleOfShown}
        closeOnClickOutside={false}
        closeOnEscape={isAsking}
      >
        {isAsking ? (
          children((answered) => setMade(() => answered))
        ) : (
          <Stack>
            {shown(made)}
            <Group justify="flex-end">
              <Button onClick={leave}>I have it</Button>
            </Group>
          </Stack>
        )}
      </Modal>
    </>
  );
}
