import { setTimeout as delay } from 'node:timers/promises';
import { expect } from '@jest/globals';
import type { Manifest } from '@toolplane/contracts';
import { type HttpAnswer, startTestControlPlane, type TestControlPlane } from './control-plane.ts';
import { createDeclaredServers, type DeclaredServers, declaredServer, declaredTool } from './declared-servers.ts';
import { fakeDataPlane } from './fake-data-plane.ts';

/** A control plane, a tenant of it, and external servers that it can attach. */
export type AttachingPlane = AsyncDisposable & {
  plane: TestControlPlane;
  outside: DeclaredServers;
  /** Handles the remaining commands, and records them. */
  counting: ReturnType<typeof fakeDataPlane>;
  /** Sends a request as the tenant. */
  send(method: string, path: string, body?: unknown): Promise<HttpAnswer>;
  /** Declares another external server with two tools, and returns its URL. */
  declare(): string;
  /** Creates a server, and returns its data. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any form
  create(name: string, externalMcpConfigs: object[]): Promise<any>;
  patch(id: string, externalMcpConfigs: object[]): Promise<HttpAnswer>;
  /** Returns what the API shows of the external servers of a server. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any form
  report(id: string): Promise<any>;
  /** Returns the manifest that the edge serves. */
  offered(id: string): Promise<Manifest | undefined>;
  /** Returns the names of the tools that the edge offers. */
  names(id: string): Promise<string[] | undefined>;
  /** Refreshes the external servers of a server as if they were due. */
  refresh(id: string): Promise<void>;
};

export const serversPath = '/api/v1/mcp-servers';

export async function startAttachingPlane(): Promise<AttachingPlane> {
  const resources = new AsyncDisposableStack();
  const outside = createDeclaredServers();
  const plane = resources.adopt(await startTestControlPlane(), (it) => it.close());
  const counting = fakeDataPlane(plane.sealingKey);
  const handle = async (command: Parameters<typeof counting.handle>[0]) => {
    const answer = outside.answer(command);
    if (command.command === 'inspect_external_server') await outside.held.get(command.url);
    return answer ?? counting.handle(command);
  };
  resources.adopt(await plane.serveCommands(handle), (it) => it.close());
  const { key } = await plane.createTenant();
  const send: AttachingPlane['send'] = (method, path, body) => plane.send(method, path, body, { key });
  let count = 0;

  const offered: AttachingPlane['offered'] = async (id) => {
    const row = await plane.database.asPlatform((tx) => tx.server.findUniqueOrThrow({ where: { id } }));
    let manifest = await plane.snapshot.getManifest(id);
    // The manifest was published before the response, but the notification may still be on its way.
    while ((manifest?.revision ?? 0) < row.revision) {
      await delay(5);
      manifest = await plane.snapshot.getManifest(id);
    }
    return manifest;
  };

  return {
    plane,
    outside,
    counting,
    send,
    offered,
    declare() {
      count += 1;
      const url = `https://mcp-${count}.example.test/mcp`;
      outside.servers.set(url, declaredServer([declaredTool('forecast'), declaredTool('alerts')]));
      return url;
    },
    async create(name, externalMcpConfigs) {
      const { status, body } = await send('POST', serversPath, { name, mode: 'NORMAL', externalMcpConfigs });
      expect([status, body.error]).toEqual([201, undefined]);
      return body.data;
    },
    patch: (id, externalMcpConfigs) => send('PATCH', `${serversPath}/${id}`, { externalMcpConfigs }),
    report: async (id) => (await send('GET', `${serversPath}/${id}/config`)).body.data.externalMcpConfigs,
    names: async (id) => (await offered(id))?.tools.map((tool) => tool.name),
    async refresh(id) {
      const data = { nextCheckAt: new Date(0) };
      await plane.database.asPlatform((tx) => tx.externalServer.updateMany({ where: { serverId: id }, data }));
      await plane.domains.externalServers.refreshDue();
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
