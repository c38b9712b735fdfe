import { Button, Modal } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { Authentication } from './connector.ts';
import { CredentialForm } from './credential-form.tsx';
import type { ConnectorInstance } from './instance.ts';

type Parts = {
  instance: ConnectorInstance;
  authentication: Authentication;
  /** With the answer of the API. */
  onStored: (warnings: string[]) => void;
};

export function SetCredentials({ onStored, ...rest }: Parts) {
  const [isOpen, { open, close }] = useDisclosure();
  const finish = (warnings: string[]) => {
    close();
    onStored(warnings);
  };
  return (
    <>
      <Button onClick={open}>Set credentials</Button>
      <Modal opened={isOpen} onClose={close} title="Set credentials" closeOnClickOutside={false} closeOnEscape={false}>
        <CredentialForm {...rest} onStored={finish} />
      </Modal>
    </>
  );
}
