import { Group, Radio, Stack, TagsInput } from '@mantine/core';
import type { McpServer, ReportedExternalMcpServer } from '@toolplane/api-client';
import { type FormEvent, useState } from 'react';
import { toFormProblems } from '../api/form-problems.ts';
import { toChanges } from '../api/to-changes.ts';
import { useChange } from '../api/use-api.ts';
import { DialogButton } from '../parts/dialog-button.tsx';
import { FormEnd } from '../parts/form-end.tsx';
import { type AttachmentDraft, AttachmentSettings, toMaxOutputBytes } from './attachment-settings.tsx';
import { changeAttached, toFormError } from './change-attached.ts';

type Parts = { server: McpServer; external: ReportedExternalMcpServer };

export function EditAttached(parts: Parts) {
  const title = `Edit ${parts.external.name}`;
  return (
    <DialogButton
      label="Edit"
      title={title}
      button={{ variant: 'default', size: 'xs', 'aria-label': title }}
      dialog={{ size: 'lg', closeOnClickOutside: false, closeOnEscape: false }}
    >
      {(close) => <Form {...parts} close={close} />}
    </DialogButton>
  );
}

/** The address and the headers cannot be changed: another address is another server. */
function Form({ server, external, close }: Parts & { close: () => void }) {
  const { name, reviewed } = external;
  // Fields that were not edited do not undo changes by others.
  const [seen] = useState(() => {
    const { tools, prefix, pin, allow, maxOutputBytes } = external;
    return { tools, prefix, pin, allow, maxOutputBytes };
  });
  const [settings, setSettings] = useState<AttachmentDraft>(seen);
  const [tools, setTools] = useState(seen.tools);
  const isAll = tools[0] === ALL;
  const save = useChange({
    change: async (api) => {
      const { prefix, pin, allow } = settings;
      // A value that is left out gets its default.
      const maxOutputBytes = toMaxOutputBytes(settings);
      const wanted = { tools, pin, allow, maxOutputBytes, prefix: prefix === '' ? undefined : prefix };
      const changed = toChanges<typeof wanted>(seen, wanted);
      await changeAttached(api, server.id, (configs) =>
        configs.map((config) => (config.name === name ? { ...config, ...changed } : config)),
      ).catch((error) => {
        throw toFormError(error);
      });
    },
    outdates: ['/mcp-servers', '/tools'],
    onDone: close,
  });
  const { at, rest } = toFormProblems(save.error, ['tools', 'prefix', 'pin', 'allow', 'maxOutputBytes']);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Radio.Group
          label="Tools"
          value={isAll ? 'all' : 'chosen'}
          onChange={(value) => setTools(value === 'all' ? [ALL] : reviewed.map((tool) => tool.name))}
        >
          <Group mt="xs">
            <Radio value="all" label="All, including tools that it gets later" />
            <Radio value="chosen" label="Only named tools" />
          </Group>
        </Radio.Group>
        {isAll ? undefined : (
          <TagsInput
            label="Names of its tools"
            error={at['tools']}
            value={tools}
            onChange={setTools}
            splitChars={[',', ' ']}
            data={reviewed.map((tool) => tool.name)}
          />
        )}
        <AttachmentSettings
          name={name}
          settings={settings}
          at={at}
          change={(changed) => setSettings((before) => ({ ...before, ...changed }))}
        />
        <FormEnd change={save} rest={rest} submitLabel="Save" title="Not saved" />
      </Stack>
    </form>
  );
}

const ALL = '*';
