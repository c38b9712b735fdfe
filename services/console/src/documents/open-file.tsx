import { Button, FileButton } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useRef } from 'react';

type Parts = { onOpen: (text: string) => void; size?: string };

/** Opens a text file from the person's disk; opening the same file again reads its current content. */
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
