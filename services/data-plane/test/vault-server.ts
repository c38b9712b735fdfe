import { randomUUID } from 'node:crypto';
import http, { type IncomingMessage, type RequestListener } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { certificate, privateKey } from '@toolplane/loopback/certificate';

type Answer = { status: number; body?: unknown };
type Entry = { versions: { data: unknown; isDeleted: boolean }[] };
type Login = { role: string; jwt: string };

export type LocalVault = AsyncDisposable & {
  address: string;
  /** The entries by mount and path: `secret/toolplane/…`. */
  entries: Map<string, Entry>;
  /** The valid tokens and their expiry, in Unix milliseconds of `time`. */
  tokens: Map<string, number>;
  time: { nowMs: number };
  /** The account that may log in with Kubernetes authentication, and the duration of its leases in seconds. */
  account: Login & { leaseSeconds: number; renewSeconds: number; isRenewable: boolean };
  /** The requests, such as `GET secret/data/…`, in the order of arrival. */
  requests: string[];
  namespaces: (string | undefined)[];
  /** Responses to the next requests, whatever they are. */
  faults: Answer[];
  /** If set, every request gets this response instead, until it is set to undefined. */
  fault: Answer | undefined;
  isHanging: boolean;
};

/**
 * Stands in for HashiCorp Vault: KV version 2, Kubernetes authentication and tokens, as far as documented at
 * https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2, …/auth/kubernetes and …/auth/token.
 */
export async function startVault({ isTls = false, mount = 'secret' } = {}): Promise<LocalVault> {
  const onRequest: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (vault.isHanging) return;
      const { status, body } = answer(request, Buffer.concat(chunks).toString());
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(typeof body === 'string' || body === undefined ? body : JSON.stringify(body));
    });
  };
  const server = isTls
    ? https.createServer({ cert: certificate, key: privateKey }, onRequest)
    : http.createServer(onRequest);

  function answer(request: IncomingMessage, text: string): Answer {
    const path = decodeURIComponent(request.url ?? '').replace('/v1/', '');
    vault.requests.push(`${request.method} ${path}`);
    vault.namespaces.push(request.headers['x-vault-namespace']?.toString());
    const fault = vault.fault ?? vault.faults.shift();
    if (fault !== undefined) return fault;
    const body = text === '' ? {} : JSON.parse(text);
    if (path === 'auth/kubernetes/login' && request.method === 'POST') return login(body);
    const token = String(request.headers['x-vault-token']);
    if (vault.time.nowMs >= (vault.tokens.get(token) ?? 0)) return failed(403, 'permission denied');
    if (path === 'auth/token/renew-self' && request.method === 'POST') {
      return lease(token, vault.account.renewSeconds);
    }
    const [, kind, name = ''] = new RegExp(`^${mount}/(data|metadata)/(.+)$`).exec(path) ?? [];
    if (kind === undefined) return failed(404, `no handler for route "${path}". route entry not found.`);
    return kind === 'data'
      ? useData(request.method, `${mount}/${name}`, body)
      : useMetadata(request.method, `${mount}/${name}`);
  }

  function useData(
    method: string | undefined,
    name: string,
    body: { options?: { cas?: number }; data?: unknown },
  ): Answer {
    const entry = vault.entries.get(name);
    const newest = entry?.versions.at(-1);
    if (method === 'GET') {
      if (newest === undefined) return failed(404);
      const metadata = { version: entry?.versions.length, destroyed: false };
      if (newest.isDeleted) return { status: 404, body: { data: { data: null, metadata } } };
      return { status: 200, body: { request_id: randomUUID(), data: { data: newest.data, metadata } } };
    }
    if (method !== 'POST') return failed(405, 'unsupported operation');
    const { cas } = body.options ?? {};
    if (cas !== undefined && cas !== (entry?.versions.length ?? 0)) {
      return failed(400, 'check-and-set parameter did not match the current version');
    }
    const versions = [...(entry?.versions ?? []), { data: body.data, isDeleted: false }];
    vault.entries.set(name, { versions });
    return { status: 200, body: { data: { version: versions.length, destroyed: false } } };
  }

  function useMetadata(method: string | undefined, name: string): Answer {
    if (method !== 'DELETE') return failed(405, 'unsupported operation');
    vault.entries.delete(name);
    return { status: 204 };
  }

  function login({ role, jwt }: Login): Answer {
    const { account } = vault;
    if (role !== account.role || jwt !== account.jwt) return failed(403, 'permission denied');
    return lease(`hvs.${randomUUID()}`, account.leaseSeconds);
  }

  function lease(token: string, seconds: number): Answer {
    vault.tokens.set(token, vault.time.nowMs + seconds * 1000);
    const auth = { client_token: token, lease_duration: seconds, renewable: vault.account.isRenewable };
    return { status: 200, body: { auth } };
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const vault: LocalVault = {
    address: isTls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`,
    entries: new Map(),
    tokens: new Map(),
    time: { nowMs: 1_790_000_000_000 },
    account: { role: 'data-plane', jwt: 'jwt', leaseSeconds: 3600, renewSeconds: 3600, isRenewable: true },
    requests: [],
    namespaces: [],
    faults: [],
    fault: undefined,
    isHanging: false,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return vault;
}

export function failed(status: number, ...errors: string[]): Answer {
  return { status, body: { errors } };
}
