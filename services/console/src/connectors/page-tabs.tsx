import { Tabs } from '@mantine/core';
import type { ReactNode } from 'react';
import { useSearchParams } from 'react-router';

export type PageTab = {
  name: string;
  label: string;
  content: ReactNode;
  /** What is typed in there stays while another tab is looked at. */
  isKept?: boolean;
};

/** Tabs of one page, of which the address says which is open; the first one unless it does. */
export function PageTabs({ tabs }: { tabs: readonly PageTab[] }) {
  const [search, setSearch] = useSearchParams();
  const open = tabs.find(({ name }) => name === search.get('tab')) ?? tabs[0];
  return (
    <Tabs value={open?.name ?? null} onChange={(name) => setSearch({ tab: name ?? '' })}>
      <Tabs.List mb="md">
        {tabs.map(({ name, label }) => (
          <Tabs.Tab key={name} value={name}>
            {label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {tabs.map(({ name, content, isKept = false }) => (
        <Tabs.Panel key={name} value={name} keepMounted={isKept}>
          {content}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
