import { Tabs } from '@mantine/core';
import type { ReactNode } from 'react';
import { useSearchParams } from 'react-router';
import { TabList } from '../parts/tab-list.tsx';

export type PageTab = {
  name: string;
  label: string;
  content: ReactNode;
  /** Typed text remains while another tab is open. */
  isKept?: boolean;
};

/** The tabs of a page. The address says which one is open; the default is the first. */
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
