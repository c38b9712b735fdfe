/*
 * The client of external MCP servers in the form in which the official suite runs clients: `conformance-client.ts
 * <server URL>`. It signs in as the platform does for an operator, whose part is played by a request that follows one
 * redirect, and then lists the tools and calls the first one.
 */
import { AppError } from '@toolplane/contracts';
import { openConnection } from '../src/external-mcp/connection.ts';
import { RefusedError } from '../src/external-mcp/external-error.ts';
import type { ExternalTarget } from '../src/external-mcp/external-target.ts';
import { listAll } from '../src/external-mcp/list-all.ts';
import type { OAuthState } from '../src/external-mcp/oauth/oauth-state.ts';
import { readChallenge } from '../src/external-mcp/oauth/read-challenge.ts';
import { finishSignIn, startSignIn } from '../src/external-mcp/oauth/sign-in.ts';
import { openClient } from './open-client.ts';

/** No server listens at this address: the result is in the redirect. */
const REDIRECT_URI = 'http://127.0.0.1:8080/oauth/callback';
/** The number of sign-ins after which the client gives up on a server that is never satisfied. */
const SIGN_INS_MAX = 3;
const signal = AbortSignal.timeout(20_000);
const http = openClient();
const tools = { http, signal, now: Date.now };

const { client_id: clientId, client_secret: clientSecret } = JSON.parse(process.env['MCP_CONFORMANCE_CONTEXT'] ?? '{}');

/**
 * If the suite provides a client, it is used like one that an operator enters; otherwise the server reads our client
 * metadata at its URL, or our client is registered.
 */
let known: OAuthState = {
  redirectUri: REDIRECT_URI,
  clientMetadataUrl: 'https://conformance-test.local/client-metadata.json',
  ...(clientId === undefined
    ? {}
    : { client: { client_id: clientId, ...(clientSecret === undefined ? {} : { client_secret: clientSecret }) } }),
};

const limits = () => ({ timeoutMs: 10_000, signal });

async function signIn(place: ExternalTarget): Promise<void> {
  const oauthState = crypto.randomUUID();
  const { authorizationUrl, state } = await startSignIn(tools, place, { known, oauthState, scopes: [] });
  const answer = await http.send({
    workspaceId: 'ws',
    method: 'GET',
    url: authorizationUrl,
    headers: {},
    ...limits(),
    returnsRedirects: true,
  });
  const back = new URL(answer.headers.location ?? '', authorizationUrl).searchParams;
  if (back.get('state') !== oauthState) throw new Error('the state did not come back');
  const code = back.get('code');
  if (code === null) throw new Error(`no code: ${back.get('error')}`);
  known = await finishSignIn(tools, place, { state, code, iss: back.get('iss') ?? undefined });
}

async function use(target: ExternalTarget): Promise<void> {
  const connection = await openConnection(http, target, limits());
  try {
    const { items } = await listAll(connection, 'tools/list', 'tools', limits);
    const [tool] = items as { name: string }[];
    if (tool !== undefined) {
      await connection.request({ method: 'tools/call', params: { name: tool.name, arguments: {} }, ...limits() });
    }
  } finally {
    await connection.close();
  }
}

const url = process.argv.at(-1) ?? '';
const version = process.env['MCP_CONFORMANCE_PROTOCOL_VERSION'] ?? '';
for (let signIns = 0; ; signIns += 1) {
  const token = known.tokens?.access_token;
  const target: ExternalTarget = {
    workspaceId: 'ws',
    url,
    transport: 'http',
    era: version === '' ? undefined : version >= '2026-07-28' ? 'modern' : 'legacy',
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    abilities: [],
    sessionOwner: undefined,
  };
  try {
    await use(target);
    break;
  } catch (thrown) {
    if (!(thrown instanceof RefusedError) || signIns === SIGN_INS_MAX) throw thrown;
    const { error: _, ...challenge } = readChallenge(thrown.challenge);
    known = { ...known, challenge };
    await signIn({ ...target, headers: {} });
  }
}
http.close();
if (signal.aborted) throw new AppError('deadline_exceeded', 'The client took too long');
