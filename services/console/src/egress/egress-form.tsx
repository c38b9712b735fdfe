import { Button, Group, Radio, Stack, Text } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useChange } from '../api/use-api.ts';
import { Problem } from '../parts/answers.tsx';
import { ChangedMeanwhile } from '../parts/changed-meanwhile.tsx';
import { areSame, type EgressHosts, type EgressRules } from './egress-rules.ts';
import { EgressSummary } from './egress-summary.tsx';
import { HostList } from './host-list.tsx';
import { toComplaints, toHosts } from './host-text.ts';

type Draft = { isLimited: boolean; allow: string; deny: string };

/** The rules as typed lists; changes that somebody else saves do not alter the typed text. */
export function EgressForm({ rules }: { rules: EgressRules }) {
  /** The rules with which the draft began. */
  const [base, setBase] = useState(rules);
  const [draft, setDraft] = useState(() => toDraft(rules));
  const path = `/workspaces/${rules.workspaceId}/egress`;
  const save = useChange({
    change: async (api, hosts: EgressHosts) =>
      (await api<EgressRules>('PUT', path, { body: { ...hosts, version: base.version } })).data,
    outdates: [path],
    onDone: setBase,
  });
  const hosts = { allowHosts: draft.isLimited ? toHosts(draft.allow) : null, denyHosts: toHosts(draft.deny) };
  const isChanged = !areSame(hosts, base);
  const isBehind = rules.version > base.version && !save.isPending;
  const change = (more: Partial<Draft>) => setDraft({ ...draft, ...more });
  const takeOver = () => {
    setBase(rules);
    setDraft(toDraft(rules));
  };
  if (isBehind && !isChanged) takeOver();
  const goOn = () => {
    setBase(rules);
    save.reset();
  };
  const drop = () => {
    takeOver();
    save.reset();
  };

  const allowComplaints = toComplaints(save.error, 'allowHosts', save.variables?.allowHosts ?? []);
  const denyComplaints = toComplaints(save.error, 'denyHosts', save.variables?.denyHosts ?? []);
  const isExplained = allowComplaints.length + denyComplaints.length > 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(hosts);
  };
  return (
    <form onSubmit={submit}>
      <Stack maw={640}>
        <Radio.Group
          label="Allowed"
          value={draft.isLimited ? 'limited' : 'all'}
          onChange={(value) => change({ isLimited: value === 'limited' })}
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
            onChange={(allow) => change({ allow })}
          />
        ) : undefined}
        {hosts.allowHosts?.length === 0 ? (
          <Text size="sm">With an empty list, tools cannot send any requests.</Text>
        ) : undefined}
        <HostList
          label="Denied hosts"
          text={draft.deny}
          complaints={denyComplaints}
          onChange={(deny) => change({ deny })}
        />
        {isBehind ? (
          <ChangedMeanwhile what="the rules" choice={{ goOn, drop }}>
            <EgressSummary hosts={rules} />
          </ChangedMeanwhile>
        ) : undefined}
        {save.isError && !isExplained && !isBehind ? <Problem error={save.error} title="Not saved" /> : undefined}
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
          <Button type="submit" loading={save.isPending} disabled={!isChanged || isBehind}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function toDraft({ allowHosts, denyHosts }: EgressHosts): Draft {
  return { isLimited: allowHosts !== null, allow: (allowHosts ?? []).join('\n'), deny: denyHosts.join('\n') };
}
