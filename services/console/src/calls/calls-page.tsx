import { Tabs } from '@mantine/core';
import { Page } from '../parts/page.tsx';
import { CallDetails } from './call-details.tsx';
import { CallList } from './call-list.tsx';
import { useCallSearch } from './call-search.ts';
import { CallStatistics } from './call-statistics.tsx';

/** Calls and their statistics. The chosen view, the filters and the open call are in the address. */
export function CallsPage() {
  const { values, change } = useCallSearch();
  return (
    <Page
      title="Call log"
      about="Every ended call of a tool, a prompt or a resource, without its arguments and its answer."
    >
      <Tabs
        value={values.view === 'statistics' ? 'statistics' : 'calls'}
        keepMounted={false}
        onChange={(view) => change({ view: view === 'statistics' ? view : undefined })}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="calls">Calls</Tabs.Tab>
          <Tabs.Tab value="statistics">Statistics</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="calls">
          <CallList />
        </Tabs.Panel>
        <Tabs.Panel value="statistics">
          <CallStatistics />
        </Tabs.Panel>
      </Tabs>
      <CallDetails />
    </Page>
  );
}
