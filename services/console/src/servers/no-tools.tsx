import { NothingYet } from '../parts/nothing-yet.tsx';
import { type McpServer, whyNoTools } from './server.ts';

export function NoTools({ server }: { server: McpServer }) {
  return <NothingYet>{whyNoTools(server)}</NothingYet>;
}
