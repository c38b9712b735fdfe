import { type Policy, policySchema } from '@toolplane/contracts';
import type { z } from 'zod';
import { openStream } from './event-reader.ts';
import { openSession } from './legacy-session.ts';
import { ask, type ModernOptions } from './modern-client.ts';
import type { JsonRpcAnswer, TestEdge } from './test-edge.ts';

/** Returns a policy in which omitted members have their defaults. */
export const policyOf = (policy: z.input<typeof policySchema>): Policy => policySchema.parse(policy);

/** Returns the names of the tools that a caller sees in both eras, which must be the same. */
export async function listTools(edge: TestEdge, options: ModernOptions = {}): Promise<string[]> {
  const { key = edge.key, headers = {} } = options;
  const modern = await ask(edge, 'tools/list', {}, options);
  const legacy = await edge.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, { key, headers });
  const [ofModern, ofLegacy] = [modern.result, legacy.body.result].map(({ tools }) =>
    tools.map(({ name }: { name: string }) => name),
  );
  if (JSON.stringify(ofModern) !== JSON.stringify(ofLegacy)) throw new Error('the eras are shown other tools');
  return ofModern;
}

/** Starts a legacy client with a session, which can be asked on the stream of its calls. */
export async function startLegacyClient(edge: TestEdge, capabilities: object) {
  const session = await openSession(edge, { capabilities });
  const init = (message: object) => ({
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'x-api-key': edge.key,
      ...session,
    },
    body: JSON.stringify({ jsonrpc: '2.0', ...message }),
  });
  const url = `${edge.url}/mcp/${edge.serverId}`;
  return {
    /** Returns the stream of a call, and the next message on it that is not a priming event. */
    async call(name: string, callArguments: object, extra: object = {}) {
      const params = { name, arguments: callArguments, ...extra };
      const stream = await openStream(url, init({ id: 'c', method: 'tools/call', params }));
      return async (): Promise<JsonRpcAnswer> => {
        for (;;) {
          const event = await stream.next();
          if (event === undefined || event.message !== undefined) return event?.message;
        }
      };
    },
    respond: (id: string, result: object) => fetch(url, init({ id, result })),
    notify: (method: string, params: object) => fetch(url, init({ method, params })),
  };
}
