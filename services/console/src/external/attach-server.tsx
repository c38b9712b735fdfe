import { Button, Modal } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { McpServer } from '../servers/server.ts';
import { AttachForm } from './attach-form.tsx';

export function AttachServer({ server }: { server: McpServer }) {
  const [isOpen, { open, close }] = useDisclosure();
  return (
    <>
      <Button onClick={open}>Attach a server</Button>
      <Modal
        opened={isOpen}
        onClose={close}
        title="Attach an external MCP server"
        size="lg"
        closeOnClickOutside={false}
        closeOnEscape={false}
      >
        <AttachForm server={server} close={close} />
      </Modal>
    </>
  );
}
