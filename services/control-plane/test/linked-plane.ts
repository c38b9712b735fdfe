import { randomBytes } from 'node:crypto';
import { type Command, type ConnectLink, failed, type Json, type Outcome, succeeded } from '@toolplane/contracts';
import { createConnectedApi } from './connected-api.ts';
import { startTestControlPlane } from './control-plane.ts';
import { fakeDataPlane } from './fake-data-plane.ts';

export type LinkedInstance = { id: string };

/** Starts a control plane whose data plane knows the connect links that a test makes. */
export async function startLinkedPlane(options: Parameters<typeof startTestControlPlane>[0] = {}) {
  const plane = await startTestControlPlane(options);
  const api = createConnectedApi(plane);
  const links = new Map<string, ConnectLink>();
  const { commands, handle } = fakeDataPlane(plane.sealingKey);
  const linked = {
    plane,
    api,
    links,
    /** Returns an answer that replaces the usual one of the data plane. */
    answerOf: (_command: Command): Outcome | undefined => undefined,
    sent: (name: Command['command']) => commands.filter(({ command }) => command === name),
    seal: () => api.seal({ token: 'canary-value' }),
    /** The workspace of the links. */
    workspaceId: 'ws_default',
    pathOf: (token: string) => `/connect/${linked.workspaceId}/${token}`,

    async createInstance(authType: 'token' | 'oauth'): Promise<LinkedInstance> {
      return (await api.createInstance({ auth_type: authType })).body.data;
    },

    /** Makes a link in the way the data plane does. */
    linkTo(
      { id: instanceId }: LinkedInstance,
      authenticationId: string,
      changes: Partial<ConnectLink['ref']> = {},
      replaces?: ConnectLink['replaces'],
    ): string {
      const token = `kid.${randomBytes(40).toString('base64url')}`;
      const ref = {
        ownerId: 'ws_default',
        instanceId,
        scope: 'user',
        subject: 'ada@example.test',
        ...changes,
      } as const;
      const id = randomBytes(16).toString('base64url');
      const expiresAt = Date.now() + 900_000;
      links.set(token, { id, ref, authenticationId, expiresAt, ...(replaces && { replaces }) });
      return token;
    },

    async open(token: string) {
      const response = await fetch(`${plane.base}${linked.pathOf(token)}`);
      return { status: response.status, headers: response.headers, text: await response.text() };
    },

    async post(token: string, body: unknown, headers: Record<string, string> = {}) {
      const response = await fetch(`${plane.base}${linked.pathOf(token)}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'sec-fetch-site': 'same-origin',
          origin: 'https://api.example.test',
          ...headers,
        },
        body: JSON.stringify(body),
      });
      const cookie = response.headers.get('set-cookie') ?? '';
      return { status: response.status, body: (await response.json()) as Record<string, never>, cookie };
    },

    /** Starts a sign-in at the provider. `cookie` identifies the browser. */
    async start(token: string, headers: Record<string, string> = {}) {
      const { body, cookie } = await linked.post(token, {}, headers);
      return { url: String(body['authorization_url']), cookie: cookie.split(';', 1)[0] ?? '', attributes: cookie };
    },

    /** Returns to the callback, as the provider redirects the browser. */
    async comeBack(url: string, cookie: string) {
      const query = new URLSearchParams({ state: new URL(url).searchParams.get('state') ?? '', code: 'a-code' });
      const response = await fetch(`${plane.base}/api/v1/oauth/callback?${query}`, { headers: { cookie } });
      return { status: response.status, text: await response.text() };
    },
  };
  await plane.serveCommands(async (command) => {
    const ordinary = await handle(command);
    if (command.command !== 'open_connect_link') return linked.answerOf(command) ?? ordinary;
    const link = links.get(command.token);
    return link === undefined
      ? failed('done', 'not_found', 'The link does not exist or has expired')
      : succeeded(link as Json);
  });
  return linked;
}
