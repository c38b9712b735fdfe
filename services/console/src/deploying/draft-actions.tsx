import { Button, Group } from '@mantine/core';
import { OpenFile } from '../documents/open-file.tsx';
import { ConfirmButton } from '../parts/confirm-button.tsx';

type Action = 'check' | 'deploy';

type Parts = {
  underWay: Action | undefined;
  onAttempt: (action: Action) => void;
  onOpen: (text: string) => void;
  /** Absent if there is nothing to discard. */
  onDiscard: (() => void) | undefined;
};

/** The actions for a document that is being written. */
export function DraftActions({ underWay, onAttempt, onOpen, onDiscard }: Parts) {
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
      <OpenFile onOpen={onOpen} />
      {onDiscard === undefined ? undefined : (
        <ConfirmButton isFinal label="Discard changes" change={atOnce(onDiscard)}>
          Your changes here since the last deployment are lost.
        </ConfirmButton>
      )}
    </Group>
  );
}

/** An action that needs no request. */
function atOnce(act: () => void) {
  return { mutateAsync: async () => act(), isPending: false, error: null, reset: () => undefined };
}
