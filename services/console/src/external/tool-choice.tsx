import { Box, Button, Checkbox, Group, List, Radio, Stack, Text } from '@mantine/core';
import type { LoadedTools } from '@toolplane/api-client';
import { Problem } from '../parts/answers.tsx';

type Look = { mutate: () => void; isPending: boolean; error: Error | null; data: LoadedTools | undefined };
type Parts = {
  look: Look;
  /** Undefined: all tools. */
  chosen: string[] | undefined;
  choose: (chosen: string[] | undefined) => void;
  /** True if there is something to inspect. */
  isReady: boolean;
};

/** The choice of an external server's tools that are offered. Single tools can be chosen after an inspection. */
export function ToolChoice({ look, chosen, choose, isReady }: Parts) {
  const { data: loaded } = look;
  return (
    <Stack gap="xs">
      <Group>
        <Button variant="default" disabled={!isReady} loading={look.isPending} onClick={() => look.mutate()}>
          Show its tools
        </Button>
        <Text size="sm" flex={1} miw={200} role="status">
          {loaded === undefined
            ? 'Headers with entered values are sent; headers that name a secret are not.'
            : toSummary(loaded)}
        </Text>
      </Group>
      {look.error === null ? undefined : <Problem error={look.error} title="The server could not be read" />}
      <Radio.Group
        label="Tools"
        value={chosen === undefined ? 'all' : 'chosen'}
        onChange={(value) => choose(value === 'all' ? undefined : [])}
      >
        <Group mt="xs">
          <Radio value="all" label="All, including tools that it gets later" />
          <Radio value="chosen" label="Only selected tools" disabled={loaded === undefined} />
        </Group>
      </Radio.Group>
      {loaded === undefined ? undefined : <Tools tools={loaded.tools} chosen={chosen} choose={choose} />}
    </Stack>
  );
}

function toSummary({ server, tools, promptsCount, resourcesCount, leftOut }: LoadedTools): string {
  const counts = `Tools: ${tools.length}, prompts: ${promptsCount}, resources: ${resourcesCount}.`;
  const lost = leftOut.map(({ kind, name, reason }) => ` The ${kind} ${name} cannot be offered: ${reason}.`).join('');
  return `${server.title ?? server.name} ${server.version}. ${counts}${lost}`;
}

function Tools({ tools, chosen, choose }: Pick<LoadedTools, 'tools'> & Pick<Parts, 'chosen' | 'choose'>) {
  return (
    <Box mah={280} style={{ overflow: 'auto' }} tabIndex={0} role="group" aria-label="Its tools">
      {chosen === undefined ? (
        <List size="sm">
          {tools.map(({ name, description }) => (
            <List.Item key={name}>
              <b>{name}</b> {description}
            </List.Item>
          ))}
        </List>
      ) : (
        <Checkbox.Group value={chosen} onChange={choose} aria-label="Tools to offer">
          <Stack gap="xs">
            {tools.map(({ name, description }) => (
              <Checkbox key={name} value={name} label={name} description={description} />
            ))}
          </Stack>
        </Checkbox.Group>
      )}
    </Box>
  );
}
