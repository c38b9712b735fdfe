import { describe, expect, test } from '@jest/globals';
import { manifestSchema, planSchema } from '@toolplane/contracts';
import { casesOf, expectGolden, readCase, toLines } from '../../test/golden-files.ts';
import { compileDocument } from '../compile-document.ts';
import { readConnector } from './read-connector.ts';

const authentications: Record<string, string> = { 'ticket-system': 'api_key', jira: 'basic' };
const configurations: Record<string, Record<string, string>> = { jira: { site: 'acme' } };

describe.each(casesOf('.connector.yaml'))('%s', (name) => {
  const text = readCase(`${name}.connector.yaml`);
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
    expectGolden(`${name}.connector.plan.json`, document);
  });

  test('has the expected advice, and no other without an instance', () => {
    expectGolden(`${name}.connector.diagnostics.json`, toLines(diagnostics) ?? []);
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
