import { Button, Group } from '@mantine/core';
import type { AuditEntry, ParamsOf } from '@toolplane/api-client';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { useMay } from '../api/session.ts';
import { useAnswer } from '../api/use-api.ts';
import { NotHere } from '../layout/not-here.tsx';
import { WhenAnswered } from '../parts/answers.tsx';
import { NothingYet } from '../parts/nothing-yet.tsx';
import { Page } from '../parts/page.tsx';
import { readFilter } from './audit-filter.ts';
import { AuditFilterForm } from './audit-filter-form.tsx';
import { AuditTable } from './audit-table.tsx';
import { EntryDrawer } from './entry-drawer.tsx';
import { ExportButton } from './export-button.tsx';
import { VerifyButton } from './verify-button.tsx';

type AuditQuery = NonNullable<ParamsOf<'/audit-log', 'get'>['query']>;

/** The filter and the page are in the URL, so that a link shows the same entries. */
export function AuditPage() {
  const [search, setSearch] = useSearchParams();
  const mayVerify = useMay('workspaces:write');
  const filter = readFilter(search);
  const cursor = search.get('cursor') ?? '';
  // What the address has, as it is: the API refuses values that it does not know.
  const entries = useAnswer(
    '/audit-log',
    { query: { ...filter, cursor } as AuditQuery },
    { isWanted: useMay('audit:read') },
  );
  const [opened, setOpened] = useState<AuditEntry>();
  if (!useMay('audit:read')) return <NotHere title="Audit log">Only admins and owners can read the audit log.</NotHere>;
  const actions = [...new Set(entries.data?.data.map(({ action }) => action))].sort();
  return (
    <Page
      title="Audit log"
      about="Changes and decisions, newest first. No entry contains a secret, an argument or an output."
      actions={
        <Group align="flex-start">
          {mayVerify ? <VerifyButton /> : undefined}
          <ExportButton filter={filter} />
        </Group>
      }
    >
      <AuditFilterForm
        key={search.toString()}
        filter={filter}
        actions={actions}
        onChange={(wanted) => setSearch(wanted)}
      />
      <WhenAnswered answer={entries}>
        {({ data, nextCursor = null }) => (
          <>
            {data.length === 0 ? <NothingYet>No entry matches.</NothingYet> : undefined}
            {data.length === 0 ? undefined : <AuditTable entries={data} onOpen={setOpened} />}
            <Group>
              {cursor === '' ? undefined : <PageLink label="Newest" search={new URLSearchParams(filter)} />}
              {nextCursor === null ? undefined : (
                <PageLink label="Older" search={new URLSearchParams({ ...filter, cursor: nextCursor })} />
              )}
            </Group>
          </>
        )}
      </WhenAnswered>
      <EntryDrawer entry={opened} onClose={() => setOpened(undefined)} />
    </Page>
  );
}

function PageLink({ label, search }: { label: string; search: URLSearchParams }) {
  return (
    <Button component={Link} to={`?${search}`} variant="default">
      {label}
    </Button>
  );
}
