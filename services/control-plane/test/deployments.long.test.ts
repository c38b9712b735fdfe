import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createLogger } from '@toolplane/service-kit';
import type { Principal } from '../src/platform/principals/principal.ts';
import { createPublishing } from '../src/publishing/publishing.ts';
import { createDeployments } from '../src/servers/deployments/deployments.ts';
import { flowerDocument, startTestControlPlane, type TestControlPlane } from './control-plane.ts';

let plane: TestControlPlane;
let id: string;
let count = 0;
beforeAll(async () => {
  plane = await startTestControlPlane();
});
afterAll(() => plane.close());
beforeEach(async () => {
  const { body } = await plane.send('POST', '/api/v1/mcp-servers', { name: `server-${++count}`, mode: 'NORMAL' });
  id = body.data.id;
});

const path = () => `/api/v1/mcp-servers/${id}`;
const deploy = (marker: string, more: object = {}) =>
  plane.send('POST', `${path()}/deploy`, { definition: flowerDocument(marker), ...more });
const state = async () => (await plane.send('GET', path())).body.data.state;
const states = async () => {
  const { body } = await plane.send('GET', `${path()}/deployments`);
  return body.data.map((deployment: { state: string }) => deployment.state);
};
const publishedText = async () => (await plane.snapshot.getManifest(id))?.tools[0]?.description;

describe('201', () => {
  test('the first deployment starts the server, and every plan that is named is published', async () => {
    const { status, body } = await deploy('first');
    expect(status).toBe(201);
    expect(body).toMatchObject({ id: expect.stringMatching(/^dep_/), mcp_server_id: id, success: true });
    expect(body.data).toMatchObject({ id: body.id, state: 'active' });
    expect(await state()).toBe('running');
    const manifest = await plane.snapshot.getManifest(id);
    expect(manifest).toMatchObject({ state: 'running', title: 'Ticket tools', tools: [{ name: 'ticket_status' }] });
    for (const tool of manifest?.tools ?? []) {
      expect(await plane.snapshot.getPlan(tool.planDigest)).toMatchObject({ serverId: id, tool: tool.name });
    }
  });

  test('a further one supersedes it', async () => {
    await deploy('first');
    await deploy('second');
    expect(await states()).toEqual(['active', 'deployed']);
    expect(await publishedText()).toContain('second');
  });

  test('deployments of one server at the same time take turns', async () => {
    const markers = ['a', 'b', 'c', 'd', 'e'];
    const answers = await Promise.all(markers.map((marker) => deploy(marker)));
    expect(answers.map(({ status }) => status)).toEqual(markers.map(() => 201));
    expect((await states()).toSorted()).toEqual(['active', ...markers.slice(1).map(() => 'deployed')]);
    const { body } = await plane.send('GET', `${path()}/config`);
    expect(body.data.tools[0].description).toBe(await publishedText());
  });
});

describe('what clients can see in addition to tools', () => {
  const definition = `flower: "0.1"
id: desk
flows:
  - id: close_ticket
    x-title: Close a ticket
    x-task: optional
    description: Closes a ticket after the user said why.
    x-ask: { why: { elicit: { message: Why?, schema: { properties: { reason: { type: string } } } } } }
    outputs: { reason: $answers.why.content.reason }
x-prompts:
  - id: triage
    arguments: { number: { required: true } }
    messages: [{ role: user, text: Triage ticket $inputs.number }]
x-resources:
  - { uri: "desk://guide", name: guide, mime_type: text/plain, text: How the desk works }
  - { uri_template: "desk://{page}", name: page, text: Page $inputs.page }
`;

  test('is published, each with a plan of its own', async () => {
    expect((await plane.send('POST', `${path()}/deploy`, { definition })).status).toBe(201);
    const manifest = await plane.snapshot.getManifest(id);
    expect(manifest).toMatchObject({
      tools: [
        {
          name: 'close_ticket',
          title: 'Close a ticket',
          asks: true,
          task: 'optional',
          asksInTask: 'before',
          outputSchema: { properties: { reason: {} } },
        },
      ],
      prompts: [{ name: 'triage', arguments: [{ name: 'number', required: true }] }],
      resources: [{ uri: 'desk://guide', name: 'guide', mimeType: 'text/plain' }],
      resourceTemplates: [{ uriTemplate: 'desk://{page}', name: 'page', variables: [{ name: 'page' }] }],
    });
    const { tools = [], prompts = [], resources = [], resourceTemplates = [] } = manifest ?? {};
    const plans = [...tools, ...prompts, ...resources, ...resourceTemplates].map(({ planDigest }) =>
      plane.snapshot.getPlan(planDigest),
    );
    expect((await Promise.all(plans)).map((plan) => [plan?.serverId, plan?.tool])).toEqual(
      ['close_ticket', 'prompt:triage', 'resource:desk://guide', 'resource:desk://{page}'].map((tool) => [id, tool]),
    );
  });

  test('is gone with the next deployment that has none', async () => {
    await plane.send('POST', `${path()}/deploy`, { definition });
    await deploy('plain');
    const manifest = await plane.snapshot.getManifest(id);
    expect([manifest?.prompts, manifest?.resources, manifest?.resourceTemplates]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

test('advice for the tools of a server takes its name into account', async () => {
  const definition = flowerDocument().replace('ticket_status', 'read_the_positions_of_late_trains');
  const adviceFor = async (name: string) => {
    const { body } = await plane.send('POST', '/api/v1/mcp-servers', { name, mode: 'NORMAL' });
    const deployed = await plane.send('POST', `/api/v1/mcp-servers/${body.data.id}/deploy`, { definition });
    return deployed.body.data.diagnostics.map(({ code }: { code: string }) => code);
  };
  expect(await adviceFor('night-trains')).not.toContain('long_name');
  expect(await adviceFor('night-trains-of-the-northern-coast')).toContain('long_name');
});

describe('204', () => {
  test('the same again', async () => {
    await deploy('same');
    const answer = await deploy('same');
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(await states()).toEqual(['active']);
  });

  test('the same at the same time is deployed once', async () => {
    const answers = await Promise.all([deploy('same'), deploy('same'), deploy('same')]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 204, 204]);
    expect(await states()).toEqual(['active']);
  });

  test('not for other references', async () => {
    await deploy('same');
    const references = [{ name: 'api', content: '{}', location: 'api.json' }];
    expect((await deploy('same', { references })).status).toBe(201);
    expect((await deploy('same', { references })).status).toBe(204);
  });
});

describe('422', () => {
  test('lists every problem with its place and saves nothing, and what ran keeps running', async () => {
    await deploy('good');
    const definition = 'flower: 0.1\nid: x\nflows:\n  - id: bad id\n    steps: []\n';
    const { status, body } = await plane.send('POST', `${path()}/deploy`, { definition });
    expect(status).toBe(422);
    expect(body.errors.raw_definition.length).toBeGreaterThan(1);
    expect(body.diagnostics[0]).toEqual({
      severity: expect.any(String),
      code: expect.any(String),
      message: expect.any(String),
      hint: expect.any(String),
      pointer: expect.any(String),
      line: expect.any(Number),
      column: expect.any(Number),
    });
    expect(await states()).toEqual(['active']);
    expect(await publishedText()).toContain('good');
  });
});

describe('rollback', () => {
  test('an earlier deployment runs again, as it was', async () => {
    const first = await deploy('first');
    await deploy('second');
    const { status, body } = await plane.send('POST', `${path()}/deployments/${first.body.id}/rollback`);
    expect([status, body.data.state]).toEqual([200, 'active']);
    expect(await publishedText()).toContain('first');
    expect(await states()).toEqual(['deployed', 'active']);
  });

  test('to what already runs changes nothing', async () => {
    const { body } = await deploy('only');
    expect((await plane.send('POST', `${path()}/deployments/${body.id}/rollback`)).status).toBe(200);
    expect(await states()).toEqual(['active']);
  });
});

test('a deployment keeps its document', async () => {
  const references = [{ name: 'api', content: '{}', location: 'api.json' }];
  const { body } = await deploy('kept', { references });
  const read = await plane.send('GET', `${path()}/deployments/${body.id}`);
  expect(read.body.data).toMatchObject({ state: 'active', definition: flowerDocument('kept'), references });
});

test('a deployment from before references were stored apart shows them too and can run again', async () => {
  const { body } = await deploy('before');
  await deploy('after');
  const references = [{ name: 'api', content: '{}', location: 'api.json' }];
  const data = { references: JSON.stringify(references), digest: '' };
  await plane.database.asPlatform((tx) => tx.deployment.update({ where: { id: body.id }, data }));
  const read = await plane.send('GET', `${path()}/deployments/${body.id}`);
  expect(read.body.data.references).toEqual(references);
  expect((await plane.send('POST', `${path()}/deployments/${body.id}/rollback`)).status).toBe(200);
});

test('hosts that a server no longer allows are no longer in its plans', async () => {
  await plane.send('PATCH', path(), { config: { allowedHosts: ['a.test', 'b.test'] } });
  await deploy('hosts');
  await plane.send('PATCH', path(), { config: { allowedHosts: ['a.test'] } });
  const digest = (await plane.snapshot.getManifest(id))?.tools[0]?.planDigest ?? '';
  expect((await plane.snapshot.getPlan(digest))?.allowedHosts).toEqual(['a.test']);
});

describe('validate', () => {
  const validate = (definition: string) => plane.send('POST', '/api/v1/documents/validate', { definition });

  test('says that a document is valid', async () => {
    expect((await validate(flowerDocument())).body.data).toMatchObject({ valid: true });
  });

  test('gives the same advice as a deployment', async () => {
    const { body } = await validate(flowerDocument());
    expect(body.data.diagnostics).toContainEqual(expect.objectContaining({ code: 'undocumented_input' }));
  });

  test('lists the problems of one that is not', async () => {
    const { status, body } = await validate('flower: "0.1"');
    expect(status).toBe(200);
    expect(body.data.valid).toBe(false);
    expect(body.data.diagnostics.length).toBeGreaterThan(0);
  });
});

test('what a process published but did not save, because it died, is undone when it starts again', async () => {
  const { body: first } = await deploy('first');
  await deploy('second');
  const principal = await plane.domains.apiKeys.verify(plane.rootKey, '127.0.0.1');
  const dying = createDeployments({
    database: plane.database,
    documents: plane.domains.documents,
    changes: {
      ...plane.publishing.changes,
      async publishServer(tx, serverId) {
        await plane.publishing.changes.publishServer(tx, serverId);
        plane.postgresGate.shut();
      },
    },
  });
  await expect(dying.rollBack(principal as Principal, id, first.id)).rejects.toMatchObject({
    code: 'config_unavailable',
  });
  expect(await freshlyPublishedText()).toContain('first');

  plane.postgresGate.open();
  expect(await states()).toEqual(['active', 'deployed']);
  await caughtUp();
  expect(await freshlyPublishedText()).toContain('second');
});

test('a Redis that answers too late once costs a deployment nothing: it is asked again', async () => {
  const principal = await plane.domains.apiKeys.verify(plane.rootKey, '127.0.0.1');
  const { database, debugStreams, publisher, signer } = plane;
  const failures: unknown[] = [];
  const { changes } = createPublishing({
    database,
    debugStreams,
    signer,
    logger: createLogger('control-plane', 'silent'),
    publisher: {
      ...publisher,
      publishPlans: (plans) =>
        publisher.publishPlans(plans).catch((error) => {
          failures.push(error);
          plane.redis.thaw();
          throw error;
        }),
    },
  });
  const deployments = createDeployments({ database, changes, documents: plane.domains.documents });
  const source = { definition: flowerDocument('late answer'), references: [] };
  plane.redis.freeze();
  expect(await deployments.deploy(principal as Principal, id, source)).toMatchObject({ status: 'deployed' });
  expect(failures).toHaveLength(1);
  expect(await freshlyPublishedText()).toContain('late answer');
});

test('a server that is deleted while its document is compiled: 409, and nothing is left', async () => {
  const principal = await plane.domains.apiKeys.verify(plane.rootKey, '127.0.0.1');
  const { documents } = plane.domains;
  const overtaken = createDeployments({
    database: plane.database,
    changes: plane.publishing.changes,
    documents: {
      ...documents,
      async build(...given) {
        const built = await documents.build(...given);
        expect((await plane.send('DELETE', path())).status).toBe(204);
        return built;
      },
    },
  });
  const deployed = overtaken.deploy(principal as Principal, id, { definition: flowerDocument('late'), references: [] });
  await expect(deployed).rejects.toMatchObject({ code: 'conflict' });
  expect((await plane.send('GET', path())).status).toBe(404);
});

// Runs last, because the other tests need Redis.
describe('503 when it cannot be published', () => {
  test('the last working one stays, here and for the other planes', async () => {
    await deploy('good');
    await plane.redis.kill();
    const { status, body } = await deploy('lost');
    expect([status, body.error.code]).toEqual([503, 'config_unavailable']);
    expect(await states()).toEqual(['errored', 'active']);
    const [lost, good] = (await plane.send('GET', `${path()}/deployments`)).body.data;
    expect([lost.error, good.error]).toEqual([body.error, null]);
    expect(await state()).toBe('running');

    await plane.redis.start();
    await caughtUp();
    expect(await freshlyPublishedText()).toContain('good');
    expect((await plane.send('POST', `${path()}/deployments/${lost.id}/rollback`)).body.data).toMatchObject({
      id: lost.id,
      state: 'active',
      error: null,
    });
    expect(await freshlyPublishedText()).toContain('lost');
  });

  test('a server that never ran is errored', async () => {
    await plane.redis.kill();
    expect((await deploy('lost')).status).toBe(503);
    expect(await state()).toBe('errored');
    await plane.redis.start();
    await caughtUp();
  });
});

/** The text as a process that was just started reads it. */
async function freshlyPublishedText(): Promise<string | undefined> {
  await using fresh = await plane.openSnapshot();
  return (await fresh.getManifest(id))?.tools[0]?.description;
}

/** Catches up, as the service does every second, until Redis is reachable again. */
async function caughtUp(): Promise<void> {
  for (;;) {
    try {
      return await plane.publishing.catchUp();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
