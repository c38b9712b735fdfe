import { Anchor, Button, List, Stack, Text } from '@mantine/core';
import { Link } from 'react-router';
import { useHere } from '../api/session.ts';
import { useAnswer } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { Pager } from '../parts/pager.tsx';
import { Time } from '../parts/time.tsx';
import { useList } from '../parts/use-list.ts';

/** The keys of an agent, each with a link to its page. */
export function AgentKeys({ agentId, mayMake }: { agentId: string; mayMake: boolean }) {
  const list = useList();
  const keys = useAnswer('/api-keys', { query: { agentId, page: list.page, limit: 25 } });
  const keysPage = `/${useHere().place.workspaceId}/api-keys`;
  return (
    <Stack gap="sm" align="flex-start">
      <WhenAnswered answer={keys}>
        {({ data }) => (
          <>
            <List>
              {data.map(({ id, name, prefix, lastUsedAt, revokedAt }) => (
                <List.Item key={id}>
                  <Anchor component={Link} to={`${keysPage}?key=${id}`}>
                    {name}
                  </Anchor>{' '}
                  <Text span size="sm" c="dimmed">
                    {prefix}, last used <Time at={lastUsedAt} never="never" />
                    {revokedAt === null ? '' : ', revoked'}
                  </Text>
                </List.Item>
              ))}
            </List>
            {data.length === 0 ? (
              <Text size="sm" c="dimmed">
                There are none. With an API key, the agent can call tools.
              </Text>
            ) : undefined}
            <Pager answer={keys} list={list} />
          </>
        )}
      </WhenAnswered>
      {mayMake ? (
        <Button component={Link} to={`${keysPage}?new&agent=${agentId}`} variant="default">
          New key
        </Button>
      ) : undefined}
      <Anchor component={Link} to={keysPage} size="sm">
        To all API keys
      </Anchor>
    </Stack>
  );
}
