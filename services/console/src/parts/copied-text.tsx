import { ActionIcon, Box, Code, CopyButton, Tooltip } from '@mantine/core';

/** A text that people take elsewhere, with the button for that. */
export function CopiedText({ text, what }: { text: string; what: string }) {
  return (
    <Box pos="relative">
      <Code block pr={72}>
        {text}
      </Code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? 'Copied' : 'Copy'}>
            <ActionIcon
              {...{ variant: 'default', size: 'lg', pos: 'absolute', top: 4, right: 4 }}
              aria-label={`Copy ${what}`}
              onClick={copy}
            >
              {copied ? '✓' : '⧉'}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </Box>
  );
}
