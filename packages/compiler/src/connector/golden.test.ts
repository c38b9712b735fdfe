import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { type Diagnostic, manifestSchema, planSchema } from '@toolplane/contracts';
import { compileDocument } from '../compile-document.ts';
import { readConnector } from './descriptor/read-connector.ts';

// `UPDATE_GOLDEN=1` writes the current output of the compiler; review the diff.
const folder = new URL('../../testdata/', import.meta.url);
const isUpdate = process.env['UPDATE_GOLDEN'] === '1';
const cases = readdirSync(folder).flatMap((file) => /^(.*)\.connector\.yaml$/.exec(file)?.[1] ?? []);

const authentications: Record<string, string> = { 'ticket-system': 'api_key', jira: 'basic' };
const configurations: Record<string, Record<string, string>> = { jira: { site: 'acme' } };

describe.each(cases)('%s', (name) => {
  const text = readFileSync(new URL(`${name}.connector.yaml`, folder), 'utf8');
  const { diagnostics, document } = compileDocument(text, {
    workspaceId: 'workspace-1',
    serverId: 'server-1',
    secretNames: [],
    allowedHosts: [],
    connector: {
      ownerId: 'owner-1',
      instanceId: 'instance-1',
      authentication: authentications[name] ?? 'none',
      configuration: configurations[name] ?? {},
    },
  });

  test('has the expected plans', () => {
    expectFile(`${name}.connector.plan.json`, document);
  });

  test('has the expected advice, and no other without an instance', () => {
    expectFile(`${name}.connector.diagnostics.json`, diagnostics.map(toLine));
    expect(readConnector(text).diagnostics).toEqual(diagnostics);
  });

  test('fits the contracts', () => {
    const { tools = [], connectionTest } = document ?? {};
    const plans = [...tools.map(({ plan }) => plan), ...(connectionTest === undefined ? [] : [connectionTest])];
    for (const plan of plans) expect(planSchema.parse(plan)).toEqual(plan);
    const manifest = {
      version: 1,
      kind: 'manifest',
      serverId: 's',
      slug: 's',
      workspaceId: 'w',
      revision: 1,
      state: 'running',
      isPublic: false,
      title: 's',
      tools: tools.map(({ tool }) => ({ ...tool, planDigest: '' })),
    };
    expect(manifestSchema.parse(manifest)).toEqual(manifest);
    expect(plans.length).toBeGreaterThan(3);
  });
});

function toLine({ line, column, severity, code, pointer, message, hint }: Diagnostic): string {
  return `${line}:${column} ${severity} ${code} ${pointer}: ${message}. ${hint}`;
}

function expectFile(file: string, content: unknown): void {
  const url = new URL(file, folder);
  if (isUpdate) writeFileSync(url, `${JSON.stringify(content, null, 2)}\n`);
  else expect(content).toEqual(JSON.parse(readFileSync(url, 'utf8')));
}
