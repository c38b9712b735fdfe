import { Stack, Table, Text } from '@mantine/core';
import type { Policy, PolicyLimit, PolicyRule } from '@toolplane/api-client';
import type { ReactNode } from 'react';
import { ListTable } from '../parts/list-table.tsx';
import { useActors } from '../parts/names.ts';
import { StateBadge } from '../parts/state-badge.tsx';
import { approvalInWords, EFFECTS, limitInWords, toConditions } from './policy-words.ts';

/** A policy in readable form. */
export function PolicySummary({ policy: { unmatched, rules, limits } }: { policy: Policy }) {
  return (
    <Stack>
      <Text>
        Among the rules that match a call, one that refuses takes precedence over one that asks, and that over one that
        allows. A call that no rule matches is <strong>{unmatched === 'deny' ? 'refused' : 'allowed'}</strong>.
      </Text>
      {rules.length === 0 ? undefined : (
        <Listed what="Rule" said="A call of this kind is">
          {rules.map((rule) => (
            <Row key={rule.id} item={rule}>
              <StateBadge state={EFFECTS[rule.effect]} />
              {rule.effect === 'approve' ? <Text size="sm">{approvalInWords(rule.approval)}</Text> : undefined}
            </Row>
          ))}
        </Listed>
      )}
      {limits.length === 0 ? undefined : (
        <Listed what="Limit" said="Calls of this kind">
          {limits.map((limit) => (
            <Row key={limit.id} item={limit}>
              {limitInWords(limit)}
            </Row>
          ))}
        </Listed>
      )}
    </Stack>
  );
}

function Listed({ what, said, children }: { what: string; said: string; children: ReactNode }) {
  return (
    <ListTable label={what} minWidth={640} columns={[what, said, 'Applies to']} layout="fixed">
      {children}
    </ListTable>
  );
}

function Row({ item, children }: { item: PolicyRule | PolicyLimit; children: ReactNode }) {
  const { nameOf } = useActors();
  const conditions = toConditions(item, nameOf);
  return (
    <Table.Tr>
      <Table.Th scope="row">
        <Text fw={600}>{item.id}</Text>
        <Text size="sm" c="dimmed">
          {item.description}
        </Text>
      </Table.Th>
      <Table.Td>{children}</Table.Td>
      <Table.Td>
        {conditions.length === 0 ? 'every call' : undefined}
        {conditions.map(({ about, words }) => (
          <Text key={`${about} ${words}`} size="sm">
            {about}: {words}
          </Text>
        ))}
      </Table.Td>
    </Table.Tr>
  );
}
