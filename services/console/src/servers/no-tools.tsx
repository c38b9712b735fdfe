import type { McpServer } from '@toolplane/api-client';
import { NothingYet } from '../parts/nothing-yet.tsx';
import { whyNoTools } from './server.ts';

export function NoTools({ server }: { server: McpServer }) {
  return <NothingYet>{whyNoTools(server)}</NothingYet>;
}
