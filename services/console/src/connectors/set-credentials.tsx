import { Button, Modal } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Loading } from '../parts/answers.tsx';
import type { Authentication, ConnectorSummary } from './connector.ts';
import { CredentialForm } from './credential-form.tsx';
import type { ConnectorInstance } from './instance.ts';
import { hostsOf, useOpenApi } from './open-api.ts';

type Parts = {
  instance: ConnectorInstance;
  running: ConnectorSummary;
  authentication: Authentication;
  /** With what the API has to say of it. */
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
      <Modal
        {...{ opened: isOpen, onClose: close, title: 'Set credentials' }}
        {...{ closeOnClickOutside: false, closeOnEscape: false }}
      >
        <WithHosts {...rest} onStored={finish} />
      </Modal>
    </>
  );
}

/** Where the connector does not say to which hosts they go, a person can. */
function WithHosts({ instance, running, ...rest }: Parts) {
  const document = useOpenApi(instance.connector, instance.version);
  if (document.isPending) return <Loading />;
  const defaults = Object.fromEntries(running.configuration.map(({ key, default_value }) => [key, default_value]));
  const hosts = document.data === undefined ? [] : hostsOf(document.data, instance, defaults);
  return <CredentialForm {...{ instance, hosts, ...rest }} />;
}
