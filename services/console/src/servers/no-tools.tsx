import { NothingYet } from '../parts/nothing-yet.tsx';
import type { McpServer } from './server.ts';

/** Why agents find no tools of this server, and what to do. */
export function NoTools({ server }: { server: McpServer }) {
  return <NothingYet>{toReason(server)}</NothingYet>;
}

function toReason({ isStopped, mode }: McpServer): string {
  if (isStopped) return 'The server is stopped: agents find none of its tools until it is started again.';
  if (mode === 'SMART') return 'This server declares no tools of its own.';
  return 'There are no tools yet. Write a document that declares them, and deploy it.';
}
