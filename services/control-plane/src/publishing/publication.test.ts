import { describe, expect, test } from '@jest/globals';
import { type CompiledDocument, compileDocument } from '@toolplane/compiler';
import { manifestSchema, type Plan, planSchema } from '@toolplane/contracts';
import { type PublishableServer, toPublication, toRemovalManifest } from './publication.ts';

const compiled: CompiledDocument = {
  id: 'tickets',
  title: 'Ticket tools',
  description: 'Look tickets up',
  tools: [
    {
      tool: { name: 'find', inputSchema: { type: 'object' }, deadlineMs: 60_000, isRepeatable: true },
      plan: {
        version: 1,
        workspaceId: 'ws_1',
        serverId: 'srv_1',
        tool: 'find',
        allowedHosts: ['old.test'],
        deadlineMs: 60_000,
        outputBytesMax: 1000,
        outputs: [],
        analytics: [],
        steps: [
          {
            id: 'get',
            request: { method: 'GET', url: { kind: 'parts', parts: ['https://a.test/'] }, headers: [], query: [] },
            secrets: [],
            outputs: [],
            actions: [],
          },
        ],
      },
    },
  ],
};

const [found] = compiled.tools;

const server: PublishableServer = {
  id: 'srv_1',
  organizationId: 'org_1',
  workspaceId: 'ws_1',
  slug: 'tickets',
  description: null,
  isPublic: false,
  revision: 7,
  allowedHosts: ['api.test'],
  compiled,
};

const { manifest, plans } = await toPublication(server);

describe('a running server', () => {
  test('has a manifest and plans as the other planes read them', () => {
    expect(manifestSchema.parse(manifest)).toEqual(manifest);
    expect(plans.map(({ plan }) => planSchema.parse(plan))).toEqual(plans.map(({ plan }) => plan));
    expect(manifest).toMatchObject({
      state: 'running',
      organizationId: 'org_1',
      revision: 7,
      title: 'Ticket tools',
      instructions: 'Look tickets up',
    });
  });

  test('names each plan by its digest', () => {
    expect(manifest.tools.map((tool) => tool.planDigest)).toEqual(plans.map(({ digest }) => digest));
  });

  test('is published with its present host list, not with the one of the deployment', () => {
    expect(plans[0]?.plan.allowedHosts).toEqual(['api.test']);
  });

  test('gives the same documents each time', async () => {
    expect(await toPublication(structuredClone(server))).toEqual({ manifest, plans });
  });
});

test('prompts, resources and templates are published with their plans, and only where there are some', async () => {
  const plan = { ...(found?.plan as Plan), outputs: [] };
  const shown = { name: 'guide', deadlineMs: 60_000 };
  const { manifest, plans } = await toPublication({
    ...server,
    compiled: {
      ...compiled,
      prompts: [{ prompt: { ...shown, arguments: [] }, plan: { ...plan, tool: 'prompt:guide' } }],
      resources: [{ resource: { ...shown, uri: 'docs://guide' }, plan: { ...plan, tool: 'resource:docs://guide' } }],
      resourceTemplates: [
        {
          resourceTemplate: { ...shown, uriTemplate: 'docs://{page}', variables: [{ name: 'page' }] },
          plan: { ...plan, tool: 'resource:docs://{page}' },
        },
      ],
    },
  });
  expect(manifestSchema.parse(manifest)).toEqual(manifest);
  const { tools, prompts = [], resources = [], resourceTemplates = [] } = manifest;
  const digests = [...tools, ...prompts, ...resources, ...resourceTemplates].map(({ planDigest }) => planDigest);
  expect(plans.map(({ digest }) => digest)).toEqual(digests);
  expect(new Set(digests).size).toBe(4);
  expect(plans.every(({ plan: { allowedHosts } }) => allowedHosts[0] === 'api.test')).toBe(true);
  expect(Object.keys((await toPublication(server)).manifest)).not.toContain('prompts');
});

test('what is read says whether the Config- headers of the caller affect it', async () => {
  const read = async (language: string) => {
    const request = { method: 'GET', url: 'https://a.test/', headers: { 'accept-language': language } };
    const steps = [{ id: 'get', request, actions: [{ do: 'next' }] }];
    const content = { steps, text: '$steps.get.response.body' };
    const definition = {
      flower: '0.1',
      id: 'night',
      title: 'Night train',
      flows: [{ id: 'find', steps }],
      'x-resources': [
        { name: 'menu', uri: 'night://menu', ...content },
        { name: 'car', uri_template: 'night://cars/{car}', ...content },
      ],
    };
    const options = { workspaceId: 'ws_1', serverId: 'srv_1', secretNames: [], allowedHosts: ['a.test'] };
    const { document, diagnostics } = compileDocument(JSON.stringify(definition), options);
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    const { manifest } = await toPublication({ ...server, compiled: document });
    const { resources = [], resourceTemplates = [] } = manifestSchema.parse(manifest);
    return [...resources, ...resourceTemplates].map(({ usesConfig }) => usesConfig);
  };
  expect(await read('$config.language')).toEqual([true, true]);
  expect(await read('de, $current_user.language')).toEqual([true, true]);
  expect(await read('"path":["config"')).toEqual([undefined, undefined]);
});

test('names the shared credentials that the tools of a connector run with, and none for other tools', async () => {
  const { manifest: connected } = await toPublication({ ...server, toolsetVersion: 0 });
  expect(manifestSchema.parse(connected).toolsetVersion).toBe(0);
  expect(Object.keys(manifest)).not.toContain('toolsetVersion');
});

test('a server without a deployment is stopped and has no tools', async () => {
  const { manifest, plans } = await toPublication({ ...server, compiled: undefined });
  expect(manifestSchema.parse(manifest)).toMatchObject({ state: 'stopped', title: 'tickets', tools: [] });
  expect(plans).toEqual([]);
});

test('in mode SMART a server says so, has its tools for the catalogue, and runs without any', async () => {
  const { manifest: smart } = await toPublication({ ...server, mode: 'smart' });
  expect(manifestSchema.parse(smart)).toEqual({ ...manifest, mode: 'smart' });
  const { manifest: empty } = await toPublication({ ...server, mode: 'smart', compiled: undefined });
  expect(manifestSchema.parse(empty)).toMatchObject({ state: 'running', mode: 'smart', tools: [] });
});

test('a deleted server is published as deleted, so that its endpoint answers 404 at once', () => {
  const removal = { serverId: 'srv_1', workspaceId: 'ws_1', slug: 'tickets', revision: 8 };
  expect(manifestSchema.parse(toRemovalManifest(removal))).toMatchObject({ state: 'deleted', revision: 8, tools: [] });
});
