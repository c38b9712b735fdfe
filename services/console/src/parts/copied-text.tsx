import { Button, Code, CopyButton, Group } from '@mantine/core';

/** A text with a button to copy it. */
export function CopiedText({ text, what }: { text: string; what: string }) {
  return (
    <Group wrap="nowrap" align="flex-start" gap="xs">
      <Code block flex={1} miw={0}>
        {text}
      </Code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button variant="default" size="xs" miw={72} aria-label={`Copy ${what}`} onClick={copy}>
            {copied ? 'Copied' : 'Copy'}
          </Button>
        )}
      </CopyButton>
    </Group>
  );
}
