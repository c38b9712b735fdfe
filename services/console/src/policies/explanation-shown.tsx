import { Alert, Anchor, List, Stack, Text } from '@mantine/core';
import type { DecidingRule, McpServer, PolicyExplanation } from '@toolplane/api-client';
import { Link, useParams } from 'react-router';
import { COLORS } from '../parts/state.ts';
import { approvalInWords, EFFECTS, limitInWords } from './policy-words.ts';

type Parts = { server: McpServer; explanation: PolicyExplanation };

/** What would happen to the call, and which checks decide it. */
export function ExplanationShown({ server, explanation }: Parts) {
  const { decision, by, rule, approval, listed, limits, reasons } = explanation;
  return (
    <Alert
      color={COLORS[EFFECTS[decision].tone]}
      title={`The call is ${EFFECTS[decision].label}`}
      role="status"
      maw={720}
    >
      <Stack gap="xs">
        <Text size="sm">
          What decided: {CHECKS[by]}
          {rule === null ? '' : ', by '}
          {rule === null ? undefined : <RuleName rule={rule} server={server} />}
          {'. '}
          {approval === null ? undefined : `${approvalInWords(approval)} `}
          {listed ? 'The caller sees the tool in lists.' : 'The caller does not see the tool in lists.'}
        </Text>
        <Text size="sm" fw={600}>
          Checks, in this order
        </Text>
        <List size="sm" type="ordered">
          {reasons.map(({ check, decision: effect, message, rule: matched }) => (
            <List.Item key={`${check} ${message}`}>
              {message}
              {matched === null ? undefined : (
                <>
                  : <RuleName rule={matched} server={server} />
                </>
              )}{' '}
              ({EFFECTS[effect].label} by {CHECKS[check]})
            </List.Item>
          ))}
        </List>
        {limits.length === 0 ? undefined : (
          <>
            <Text size="sm" fw={600}>
              Limits that also apply
            </Text>
            <List size="sm">
              {limits.map((limit) => (
                <List.Item key={`${limit.serverId} ${limit.id}`}>
                  {limit.id}: {limitInWords(limit)}
                </List.Item>
              ))}
            </List>
          </>
        )}
      </Stack>
    </Alert>
  );
}

const CHECKS = {
  key: 'the key',
  user: 'the user',
  server: 'the server',
  tool: 'the tool',
  arguments: 'the arguments',
  policy: 'the policy of this server',
  originPolicy: "the policy of the tool's own server",
} as const;

function RuleName({ rule: { id, description, serverId }, server }: { rule: DecidingRule; server: McpServer }) {
  const { workspaceId } = useParams();
  const words = description === null ? '' : ` (${description})`;
  if (serverId === server.id) return <>{`the rule ${id}${words}`}</>;
  return (
    <Anchor component={Link} to={`/${workspaceId}/servers/${serverId}/policy`} size="sm">
      {`the rule ${id}${words}`}
    </Anchor>
  );
}
