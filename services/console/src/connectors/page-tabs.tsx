import { Tabs } from '@mantine/core';
import type { ReactNode } from 'react';
import { useSearchParams } from 'react-router';
import { TabList } from '../parts/tab-list.tsx';

export type PageTab = {
  name: string;
  label: string;
  content: ReactNode;
  /** Typed text stays while another tab is open. */
  isKept?: boolean;
};

/** Tabs of one page. The address says which one is open; by default it is the first. */
export function PageTabs({ tabs }: { tabs: readonly PageTab[] }) {
  const [search, setSearch] = useSearchParams();
  const open = tabs.find(({ name }) => name === search.get('tab')) ?? tabs[0];
  return (
    <Tabs value={open?.name ?? null} onChange={(name) => setSearch({ tab: name ?? '' })}>
      <TabList tabs={tabs} open={open?.name ?? null} />
      {tabs.map(({ name, content, isKept = false }) => (
        <Tabs.Panel key={name} value={name} keepMounted={isKept}>
          {content}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
