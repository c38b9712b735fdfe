import { Alert, List } from '@mantine/core';
import type { McpServerConfig } from '@toolplane/api-client';

/** What makes the tools hard to use for clients, regardless of where they come from. */
export function ToolAdvice({ config: { diagnostics } }: { config: McpServerConfig }) {
  if (diagnostics.length === 0) return undefined;
  return (
    <Alert color="orange" title="Some clients cannot use all of these tools">
      <List size="sm">
        {diagnostics.map(({ code, message, hint }) => (
          <List.Item key={code}>
            {message}. {hint}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}
