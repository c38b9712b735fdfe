import { Button, FileButton, Group } from '@mantine/core';
import { ConfirmButton } from '../parts/confirm-button.tsx';

type Action = 'check' | 'deploy';

type Parts = {
  underWay: Action | undefined;
  onAttempt: (action: Action) => void;
  onOpen: (text: string) => void;
  /** Absent: there is nothing to discard. */
  onDiscard: (() => void) | undefined;
};

/** What can be done with a document that is written. */
export function DraftActions({ underWay, onAttempt, onOpen, onDiscard }: Parts) {
  const open = async (file: File | null) => {
    if (file !== null) onOpen(await file.text());
  };
  const attempt = (action: Action) => ({
    loading: underWay === action,
    disabled: underWay !== undefined,
    onClick: () => onAttempt(action),
  });
  return (
    <Group>
      <Button {...attempt('deploy')}>Deploy</Button>
      <Button variant="default" {...attempt('check')}>
        Check
      </Button>
      <FileButton accept=".yaml,.yml,.json" onChange={(file) => void open(file)}>
        {(button) => (
          <Button variant="default" {...button}>
            Open a file
          </Button>
        )}
      </FileButton>
      {onDiscard === undefined ? undefined : (
        <ConfirmButton isFinal label="Discard changes" change={atOnce(onDiscard)}>
          What you wrote here since the last deployment is lost.
        </ConfirmButton>
      )}
    </Group>
  );
}

/** A change that nobody has to be asked for. */
function atOnce(act: () => void) {
  return { mutateAsync: async () => act(), isPending: false, error: null, reset: () => undefined };
}
