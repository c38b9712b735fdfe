import { SegmentedControl } from '@mantine/core';
import type { MembershipScope } from '@toolplane/contracts';
import { useMay } from '../api/session.ts';
import { useAnswer } from '../api/use-api.ts';
import { NotHere } from '../layout/not-here.tsx';
import { WhenAnswered } from '../parts/answers.tsx';
import { Page } from '../parts/page.tsx';
import { Pager } from '../parts/pager.tsx';
import { useList } from '../parts/use-list.ts';
import { Invitations } from './invitations.tsx';
import { MemberTable } from './member-table.tsx';
import { NewInvitation } from './new-invitation.tsx';

const SCOPES: readonly MembershipScope[] = ['workspace', 'organization'];

export function MembersPage() {
  const mayReachBeyond = useMay('workspaces:write');
  const list = useList();
  const scope = mayReachBeyond && list.chosen('scope', SCOPES) === 'organization' ? 'organization' : 'workspace';
  if (!useMay('members:write')) return <NotHere title="Members">Only admins and owners can manage members.</NotHere>;
  return (
    <Page
      title="Members"
      about="People sign in, and may do what their roles allow. In a workspace, the higher of their roles applies."
      actions={<NewInvitation />}
    >
      {mayReachBeyond ? <ScopeChoice scope={scope} onChange={(chosen) => list.choose('scope', chosen)} /> : undefined}
      <Members scope={scope} />
      <Invitations />
    </Page>
  );
}

function ScopeChoice({ scope, onChange }: { scope: MembershipScope; onChange: (scope: MembershipScope) => void }) {
  return (
    <SegmentedControl
      value={scope}
      onChange={onChange}
      w="fit-content"
      maw="100%"
      aria-label="Whose members"
      data={[
        { value: 'workspace', label: 'This workspace' },
        { value: 'organization', label: 'Whole organization' },
      ]}
    />
  );
}

function Members({ scope }: { scope: MembershipScope }) {
  const list = useList();
  const members = useAnswer('/members', { query: { scope, page: list.page, limit: 25 } });
  return (
    <WhenAnswered answer={members}>
      {({ data }) => (
        <>
          <MemberTable members={data} />
          <Pager answer={members} list={list} />
        </>
      )}
    </WhenAnswered>
  );
}
