import { Stack, TextInput } from '@mantine/core';
import type { ExternalMcpConfig, McpServer } from '@toolplane/api-client';
import { type FormEvent, useRef, useState } from 'react';
import { toFormProblems } from '../api/form-problems.ts';
import { useChange } from '../api/use-api.ts';
import { FormEnd } from '../parts/form-end.tsx';
import { NameField } from '../parts/name-field.tsx';
import { type AttachmentDraft, AttachmentSettings, toMaxOutputBytes } from './attachment-settings.tsx';
import { changeAttached, toFormError } from './change-attached.ts';
import { type HeaderDraft, sealForInspection, sealHeaders } from './header.ts';
import { HeaderFields } from './header-fields.tsx';
import { ToolChoice } from './tool-choice.tsx';

type Draft = AttachmentDraft & {
  name: string;
  url: string;
  headers: HeaderDraft[];
  /** Undefined: all tools. */
  chosen: string[] | undefined;
};

const EMPTY: Draft = {
  name: '',
  url: '',
  headers: [],
  chosen: undefined,
  prefix: '',
  pin: 'review',
  allow: ['elicitation'],
  maxOutputBytes: '',
};

/** The values with which a server is attached. The API says which are valid. */
export function AttachForm({ server, close }: { server: McpServer; close: () => void }) {
  const [draft, setDraft] = useState(EMPTY);
  const set = (changed: Partial<Draft>) => setDraft((before) => ({ ...before, ...changed }));
  const form = useRef<HTMLFormElement>(null);
  const { url, headers, chosen } = draft;
  const look = useChange({
    change: async (api) => {
      const sealed =
        form.current === null ? undefined : await sealForInspection(api, headers, { form: form.current, url });
      const body = { url, ...(sealed === undefined ? {} : { headers: sealed }) };
      return (await api.POST('/mcp-servers/load-tools-from-url', { body })).data;
    },
    outdates: [],
  });
  const attach = useChange({
    change: async (api) => {
      if (form.current === null) return;
      const sealed = await sealHeaders(api, headers, { form: form.current, url, server: server.id, name: draft.name });
      await changeAttached(api, server.id, (configs) => [...configs, toConfig(draft, sealed)]).catch((error) => {
        throw toFormError(error);
      });
    },
    outdates: ['/mcp-servers', '/tools'],
    onDone: close,
  });
  const { at, rest } = toFormProblems(attach.error, ['name', 'url', 'prefix', 'pin', 'allow', 'maxOutputBytes']);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    attach.mutate();
  };
  return (
    <form ref={form} onSubmit={submit} autoComplete="off">
      <Stack>
        <NameField
          error={at['name']}
          value={draft.name}
          description="At most 32 lowercase letters, digits and hyphens"
          onChange={(name) => set({ name })}
        />
        <TextInput
          label="URL"
          required
          type="url"
          error={at['url']}
          value={url}
          placeholder="https://mcp.example.com/mcp"
          description="URL of its MCP endpoint; values that are sealed below are sent only to its host"
          onChange={({ currentTarget }) => {
            // The result for one address says nothing about another one.
            look.reset();
            set({ url: currentTarget.value, chosen: undefined });
          }}
        />
        <HeaderFields headers={headers} change={(headers) => set({ headers })} />
        <ToolChoice look={look} chosen={chosen} choose={(chosen) => set({ chosen })} isReady={url !== ''} />
        <AttachmentSettings name={draft.name} settings={draft} at={at} change={set} />
        <FormEnd change={attach} rest={rest} submitLabel="Attach" title="Not attached" />
      </Stack>
    </form>
  );
}

function toConfig(draft: Draft, headers: ExternalMcpConfig['headers']) {
  const { name, url, chosen, prefix, pin, allow } = draft;
  const tools = chosen ?? ['*'];
  const config: ExternalMcpConfig = { name, url, tools, pin, allow, maxOutputBytes: toMaxOutputBytes(draft) };
  return {
    ...config,
    ...(prefix === '' ? {} : { prefix }),
    ...(headers === undefined || Object.keys(headers).length === 0 ? {} : { headers }),
  };
}
