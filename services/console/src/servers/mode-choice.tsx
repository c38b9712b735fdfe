import { Radio, Stack } from '@mantine/core';
import type { McpServer } from '@toolplane/api-client';

type Parts = { mode: McpServer['mode']; onChange: (mode: McpServer['mode']) => void };

/** The choice of what agents see of a server. */
export function ModeChoice({ mode, onChange }: Parts) {
  return (
    <Radio.Group label="Mode" value={mode} onChange={(value) => onChange(value === 'SMART' ? 'SMART' : 'NORMAL')}>
      <Stack gap="xs" mt="xs">
        <Radio value="NORMAL" label="Normal" description="Agents see its individual tools" />
        <Radio
          value="SMART"
          label="Smart"
          description="Agents see a few tools with which they search and use all of the workspace"
        />
      </Stack>
    </Radio.Group>
  );
}
