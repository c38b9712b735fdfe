import { Checkbox, NumberInput, Radio, Stack, TextInput } from '@mantine/core';
import type { ExternalQuestion, ReportedExternalMcpServer } from '@toolplane/api-client';
import { QUESTIONS } from './external-server.ts';

export type AttachmentDraft = {
  /** Empty: the default prefix. */
  prefix: string;
  pin: ReportedExternalMcpServer['pin'];
  allow: ExternalQuestion[];
  /** Empty: the default limit. */
  maxOutputBytes: number | string;
};

/** The value that the API expects. Undefined: the default. */
export function toMaxOutputBytes({ maxOutputBytes }: AttachmentDraft): number | undefined {
  return maxOutputBytes === '' ? undefined : Number(maxOutputBytes);
}

type Parts = {
  /** The name of the external server. */
  name: string;
  settings: AttachmentDraft;
  at: Readonly<Record<string, string>>;
  change: (changed: Partial<AttachmentDraft>) => void;
};

/** The settings of an external server that can be changed while it is attached. */
export function AttachmentSettings({ name, settings, at, change }: Parts) {
  const { prefix, pin, allow, maxOutputBytes } = settings;
  return (
    <>
      <TextInput
        label="Prefix"
        error={at['prefix']}
        value={prefix}
        placeholder={`${name || 'name'}__`}
        description="Prefix for the names of its tools and prompts here; left empty, it is the name and two underscores"
        onChange={({ currentTarget }) => change({ prefix: currentTarget.value })}
      />
      <Radio.Group
        label="When its server changes a tool"
        error={at['pin']}
        value={pin}
        onChange={(value) => change({ pin: value === 'strict' ? 'strict' : 'review' })}
      >
        <Stack gap="xs" mt="xs">
          <Radio
            value="review"
            label="Review"
            description="It is offered as approved, and a new tool as first seen, until somebody approves it"
          />
          <Radio
            value="strict"
            label="Strict"
            description="It is withheld, like new tools, until somebody approves it"
          />
        </Stack>
      </Radio.Group>
      <Checkbox.Group
        label="It may ask, during a call"
        error={at['allow']}
        value={allow}
        onChange={(chosen) => change({ allow: chosen })}
      >
        <Stack gap="xs" mt="xs">
          {QUESTIONS.map((question) => (
            <Checkbox key={question.value} {...question} />
          ))}
        </Stack>
      </Checkbox.Group>
      <NumberInput
        label="Largest result, in bytes"
        error={at['maxOutputBytes']}
        value={maxOutputBytes}
        placeholder="81920"
        allowDecimal={false}
        allowNegative={false}
        description="A call whose result is larger fails, and the error tells the agent how to ask for less"
        onChange={(bytes) => change({ maxOutputBytes: bytes })}
      />
    </>
  );
}
