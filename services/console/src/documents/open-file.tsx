import { Button, FileButton } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useRef } from 'react';

type Parts = { onOpen: (text: string) => void; size?: string };

/** A text from the disk of whoever looks; the same file again is what it is by then. */
export function OpenFile({ onOpen, size = 'sm' }: Parts) {
  const reset = useRef<() => void>(null);
  const open = async (file: File | null) => {
    if (file === null) return;
    reset.current?.();
    try {
      onOpen(await file.text());
    } catch {
      notifications.show({ color: 'red', message: `${file.name} cannot be read` });
    }
  };
  return (
    <FileButton accept=".yaml,.yml,.json" resetRef={reset} onChange={(file) => void open(file)}>
      {(button) => (
        <Button variant="default" size={size} {...button}>
          Open a file
        </Button>
      )}
    </FileButton>
  );
}
