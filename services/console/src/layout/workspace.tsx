import { AppShell, Badge, Box, Burger, Group, NavLink, Select, Text, UnstyledButton } from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import type { Place, Session } from '@toolplane/api-client';
import { Fragment } from 'react';
import { Link, Outlet, useLocation, useNavigate, useParams } from 'react-router';
import { HereContext, type PersonPermission } from '../api/session.ts';
import { useAnswer } from '../api/use-api.ts';
import { ErrorBoundary } from './error-boundary.tsx';
import { NotHere } from './not-here.tsx';
import { PersonMenu } from './person-menu.tsx';

type PageEntry = { path: string; label: string; needs?: PersonPermission; alsoAt?: string };

/** `needs` is the permission without which the page is empty. `alsoAt` is the path of pages that belong to this one. */
const GROUPS: readonly { title: string; pages: readonly PageEntry[] }[] = [
  {
    title: 'Tools',
    pages: [
      { path: 'servers', label: 'MCP servers' },
      { path: 'connectors', label: 'Connectors', alsoAt: 'instances' },
      { path: 'egress', label: 'Egress rules' },
    ],
  },
  {
    title: 'Calls',
    pages: [
      { path: 'calls', label: 'Call log' },
      { path: 'approvals', label: 'Approvals', needs: 'approvals:write' },
    ],
  },
  {
    title: 'Access',
    pages: [
      { path: 'api-keys', label: 'API keys', needs: 'api-keys:write' },
      { path: 'agents', label: 'Agents' },
      { path: 'external-users', label: 'External users' },
      { path: 'members', label: 'Members', needs: 'members:write' },
      { path: 'audit-log', label: 'Audit log', needs: 'audit:read' },
    ],
  },
];

/** The frame of every page of a workspace. */
export function Workspace({ session }: { session: Session }) {
  const { workspaceId } = useParams();
  const place = session.workspaces.find((one) => one.workspaceId === workspaceId);
  if (place === undefined) return <NotHere title="No such workspace" />;
  return (
    <HereContext value={{ session, place }}>
      <Frame key={place.workspaceId} session={session} place={place} />
    </HereContext>
  );
}

function Frame({ session, place }: { session: Session; place: Place }) {
  const [isOpen, { toggle, close }] = useDisclosure();
  useHotkeys([['Escape', close]]);
  const { pathname } = useLocation();
  const isShown = ({ needs }: PageEntry) => needs === undefined || place.permissions.includes(needs);
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 220, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding="lg"
    >
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group wrap="nowrap" miw={0}>
            <Burger opened={isOpen} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Menu" />
            <UnstyledButton component={Link} to="/" visibleFrom="xs">
              <Text fw={700} size="lg">
                Toolplane
              </Text>
            </UnstyledButton>
            <WorkspaceChoice session={session} place={place} />
          </Group>
          <PersonMenu session={session} />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm">
        <nav aria-label="Pages">
          {GROUPS.map(({ title, pages }) => (
            <Fragment key={title}>
              <Text size="xs" fw={600} c="dimmed" px="sm" pt="sm" pb={4}>
                {title}
              </Text>
              {pages.filter(isShown).map((page) => (
                <PageLink key={page.path} page={page} onClick={close} />
              ))}
            </Fragment>
          ))}
        </nav>
      </AppShell.Navbar>
      <AppShell.Main>
        <Box maw={1200}>
          <ErrorBoundary key={pathname}>
            <Outlet />
          </ErrorBoundary>
        </Box>
      </AppShell.Main>
    </AppShell>
  );
}

function WorkspaceChoice({ session, place }: { session: Session; place: Place }) {
  const navigate = useNavigate();
  if (session.workspaces.length === 1) {
    return (
      <Text c="dimmed" truncate>
        {place.workspaceName}
      </Text>
    );
  }
  const choices = session.workspaces.map(({ workspaceId, workspaceName, organizationName }) => ({
    value: workspaceId,
    label: `${workspaceName} (${organizationName})`,
  }));
  return (
    <Select
      aria-label="Workspace"
      data={choices}
      value={place.workspaceId}
      allowDeselect={false}
      onChange={(workspaceId) => workspaceId !== null && navigate(`/${workspaceId}/servers`)}
    />
  );
}

function PageLink({ page: { path, label, alsoAt = path }, onClick }: { page: PageEntry; onClick: () => void }) {
  const { workspaceId } = useParams();
  const { pathname } = useLocation();
  const [, , first] = pathname.split('/');
  const isHere = first === path || first === alsoAt;
  return (
    <NavLink
      component={Link}
      to={`/${workspaceId}/${path}`}
      label={label}
      onClick={onClick}
      active={isHere}
      aria-current={isHere ? 'page' : undefined}
      rightSection={path === 'approvals' ? <Waiting /> : undefined}
    />
  );
}

/** The number of calls that wait for a decision. */
function Waiting() {
  const waiting = useAnswer('/approvals', { query: { state: 'pending', limit: 1 } }, { every: 30_000 });
  const total = waiting.data?.total ?? 0;
  return total === 0 ? undefined : (
    <Badge size="sm" circle aria-label={`${total} waiting`}>
      {total}
    </Badge>
  );
}
