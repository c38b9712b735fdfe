import { Button, Group, Radio, Stack, Text } from '@mantine/core';
import type { EgressRules } from '@toolplane/api-client';
import type { FormEvent } from 'react';
import { Problem } from '../parts/answers.tsx';
import { ChangedMeanwhile } from '../parts/changed-meanwhile.tsx';
import { useEditing } from '../parts/use-editing.ts';
import { areSame, type HostLists } from './egress-rules.ts';
import { EgressSummary } from './egress-summary.tsx';
import { HostList } from './host-list.tsx';
import { toComplaints, toHosts } from './host-text.ts';

type Draft = { isLimited: boolean; allow: string; deny: string };

/** The rules as typed lists. Changes that somebody else saves do not alter the typed text. */
export function EgressForm({ rules }: { rules: EgressRules }) {
  const { workspaceId: id } = rules;
  const { draft, set, save, isChanged, isOvertaken, choice } = useEditing({
    current: rules,
    toDraft,
    isSame: (typed, saved) => areSame(toRules(typed), saved),
    send: async (api, typed, { version }) =>
      (await api.PUT('/workspaces/{id}/egress', { params: { path: { id } }, body: { ...toRules(typed), version } }))
        .data,
    outdates: [`/workspaces/${id}/egress`],
  });
  const sent = toRules(save.variables ?? draft);
  const allowComplaints = toComplaints(save.error, 'allowHosts', sent.allowHosts ?? []);
  const denyComplaints = toComplaints(save.error, 'denyHosts', sent.denyHosts);
  const isExplained = allowComplaints.length + denyComplaints.length > 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(draft);
  };
  return (
    <form onSubmit={submit}>
      <Stack maw={640}>
        <Radio.Group
          label="Allowed"
          value={draft.isLimited ? 'limited' : 'all'}
          onChange={(value) => set({ isLimited: value === 'limited' })}
        >
          <Stack gap="xs" mt="xs">
            <Radio value="all" label="All hosts" />
            <Radio value="limited" label="Only listed hosts" />
          </Stack>
        </Radio.Group>
        {draft.isLimited ? (
          <HostList
            label="Allowed hosts"
            text={draft.allow}
            complaints={allowComplaints}
            onChange={(allow) => set({ allow })}
          />
        ) : undefined}
        {toRules(draft).allowHosts?.length === 0 ? (
          <Text size="sm">With an empty list, tools cannot send any requests.</Text>
        ) : undefined}
        <HostList
          label="Denied hosts"
          text={draft.deny}
          complaints={denyComplaints}
          onChange={(deny) => set({ deny })}
        />
        {isOvertaken ? (
          <ChangedMeanwhile what="the rules" choice={choice}>
            <EgressSummary hosts={rules} />
          </ChangedMeanwhile>
        ) : undefined}
        {save.isError && !isExplained && !isOvertaken ? <Problem error={save.error} title="Not saved" /> : undefined}
        <Group justify="flex-end">
          {isExplained ? (
            <Text size="sm" role="alert">
              Not saved: a host is not valid.
            </Text>
          ) : undefined}
          {save.isSuccess && !isChanged ? (
            <Text size="sm" role="status">
              Saved; it takes effect within seconds
            </Text>
          ) : undefined}
          <Button type="submit" loading={save.isPending} disabled={!isChanged || isOvertaken}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function toDraft({ allowHosts, denyHosts }: HostLists): Draft {
  return { isLimited: allowHosts !== null, allow: (allowHosts ?? []).join('\n'), deny: denyHosts.join('\n') };
}

function toRules({ isLimited, allow, deny }: Draft): HostLists {
  return { allowHosts: isLimited ? toHosts(allow) : null, denyHosts: toHosts(deny) };
}
