import type { McpServer } from '@toolplane/api-client';
import { DialogButton } from '../parts/dialog-button.tsx';
import { AttachForm } from './attach-form.tsx';

export function AttachServer({ server }: { server: McpServer }) {
  return (
    <DialogButton
      label="Attach a server"
      title="Attach an external MCP server"
      dialog={{ size: 'lg', closeOnClickOutside: false, closeOnEscape: false }}
    >
      {(close) => <AttachForm server={server} close={close} />}
    </DialogButton>
  );
}
