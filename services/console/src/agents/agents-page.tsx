import { useSearchParams } from 'react-router';
import { AgentList } from './agent-list.tsx';
import { AgentPage } from './agent-page.tsx';

/** `?agent=<id>` shows a single agent. */
export function AgentsPage() {
  const id = useSearchParams()[0].get('agent');
  return id === null ? <AgentList /> : <AgentPage key={id} id={id} />;
}
