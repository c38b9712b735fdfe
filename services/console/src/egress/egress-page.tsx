import { useHere, useMay } from '../api/session.ts';
import { useAnswer } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { Page } from '../parts/page.tsx';
import { EgressForm } from './egress-form.tsx';
import { EgressSummary } from './egress-summary.tsx';

export function EgressPage() {
  const rules = useAnswer('/workspaces/{id}/egress', { path: { id: useHere().place.workspaceId } });
  const mayWrite = useMay('workspaces:write');
  return (
    <Page
      title="Egress rules"
      about="Where the tools of this workspace may send requests. The rules narrow what the operator of the platform allows, and never widen it."
    >
      <WhenAnswered answer={rules}>
        {({ data }) => (mayWrite ? <EgressForm rules={data} /> : <EgressSummary hosts={data} />)}
      </WhenAnswered>
    </Page>
  );
}
