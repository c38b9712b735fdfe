import { describe, expect, test } from '@jest/globals';
import type { CompiledTool } from '@toolplane/compiler';
import { type ConnectionAuthentication, manifestSchema, type PlanConnection, planSchema } from '@toolplane/contracts';
import { toConnectionReport } from './connection-report.ts';
import { toPublication } from './publication.ts';

const instance = { ownerId: 'ws_1', instanceId: 'coi_1', connector: 'crm' };
const field = (key: string, isRequired = true) => ({ key, isSecret: true, isRequired });

function toTool(name: string, authentication?: Partial<ConnectionAuthentication>): CompiledTool {
  const connection: PlanConnection = {
    ...instance,
    ...(authentication && { authentication: { id: 'main', fields: [], ...authentication } }),
  };
  return {
    tool: { name, inputSchema: { type: 'object' }, deadlineMs: 60_000, usesConnection: true, isRepeatable: true },
    plan: {
      version: 1,
      workspaceId: 'ws_1',
      serverId: 'srv_1',
      tool: name,
      allowedHosts: [],
      deadlineMs: 60_000,
      outputBytesMax: 1000,
      outputs: [],
      analytics: [],
      steps: [],
      connection,
    },
  };
}

const token = { tokenUrl: 'https://id.test/token', scopes: [] as string[], clientAuth: 'basic' as const };

describe('a connector whose tools need credentials', () => {
  const tools = [
    toTool('free'),
    toTool('read', { fields: [field('api_key'), field('realm', false)] }),
    toTool('write', { fields: [field('realm'), { ...field('region'), default: 'eu' }] }),
  ];

  test('is published with a plan that reports for the fields of all of them, and sends nothing', async () => {
    const { manifest, plans } = await toPublication({
      id: 'srv_1',
      workspaceId: 'ws_1',
      slug: 'crm',
      description: null,
      isPublic: false,
      revision: 1,
      allowedHosts: ['api.test'],
      compiled: { id: 'crm', tools },
    });
    expect(manifestSchema.parse(manifest).connection).toEqual({
      planDigest: plans.at(-1)?.digest,
      deadlineMs: 10_000,
      authentication: 'fields',
      requiredFields: ['api_key', 'realm'],
    });
    expect(planSchema.parse(plans.at(-1)?.plan)).toMatchObject({
      tool: 'connection:report',
      reports: 'connection',
      steps: [],
      allowedHosts: [],
      connection: { ...instance, authentication: { id: 'main', fields: [{ key: 'api_key' }, { key: 'realm' }, {}] } },
    });
  });

  test('says how a person connects', () => {
    const wayOf = (grant: 'authorization_code' | 'client_credentials' | 'token_exchange') =>
      toConnectionReport([toTool('x', { token: { grant, ...token }, fields: [field('client_id')] })])?.connection;
    expect(wayOf('authorization_code')).toMatchObject({ authentication: 'oauth2', requiredFields: [] });
    expect(wayOf('client_credentials')).toMatchObject({ authentication: 'fields', requiredFields: ['client_id'] });
    expect(wayOf('token_exchange')).toMatchObject({ authentication: 'none', requiredFields: [] });
  });
});

test('a server whose tools need no credentials has nothing to report', () => {
  const { plan, ...workflow } = toTool('workflow');
  const { connection: _, ...own } = plan;
  expect(toConnectionReport([toTool('free'), { ...workflow, plan: own }])).toBeUndefined();
});
