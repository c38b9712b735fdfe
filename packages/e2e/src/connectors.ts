import type { SealedCredential } from '@toolplane/contracts';
import { createRestClient, type RestClient } from '@toolplane/local/rest-client';
import { listToolNames } from './plain-client.ts';
import type { TestPlatform } from './platform.ts';
import { sealFor } from './seal-for.ts';
import { until } from './until.ts';

/*
 * What a user of connectors does over REST. `apiKey` selects the workspace; by default, it is the key of the first
 * workspace.
 */

export type TestInstance = { id: string; server: { id: string; url: string } };

export async function registerConnector(platform: TestPlatform, descriptor: string): Promise<void> {
  await platform.rest.call('POST', '/connectors', { descriptor });
}

/** Creates an instance with MCP; resolves when the edge serves its tools. */
export async function createInstance(
  platform: TestPlatform,
  request: {
    connector: string;
    instance_name: string;
    auth_type: string;
    configuration?: Record<string, unknown>;
    workspace?: string | null;
  },
  { apiKey = platform.apiKey }: { apiKey?: string } = {},
): Promise<TestInstance> {
  const rest = restOf(platform, apiKey);
  const instance = required(await rest.call<TestInstance>('POST', '/connector-instances', request));
  const headers = { 'x-api-key': apiKey };
  await until(async () => (await listToolNames(platform, instance.server.id, { headers })).length > 0);
  return instance;
}

export type TestCredential = {
  scope: 'agent' | 'user' | 'workspace' | 'organization';
  subject?: string;
  auth_type: string;
  fields: SealedCredential['value'];
  hosts: string[];
};

export async function putCredential(
  platform: TestPlatform,
  { id }: Pick<TestInstance, 'id'>,
  { fields, hosts, ...credential }: TestCredential,
  { apiKey = platform.apiKey }: { apiKey?: string } = {},
): Promise<void> {
  const rest = restOf(platform, apiKey);
  const { scope, subject } = credential;
  const purpose = { instance: id, scope, ...(subject === undefined ? {} : { subject }) };
  const sealed = await sealFor(rest, purpose, { value: fields, hosts });
  await rest.call('PUT', `/connector-instances/${id}/credentials`, { ...credential, sealed });
}

/**
 * Lets a person (Ada by default) open the page, sign in and return to the platform. Returns the status and URL of the
 * platform's callback.
 */
export async function signIn(
  platform: TestPlatform,
  { id }: Pick<TestInstance, 'id'>,
  request: Pick<TestCredential, 'scope' | 'subject'>,
  person = 'Ada',
): Promise<{ status: number; callbackUrl: string }> {
  const path = `/connector-instances/${id}/authorizations`;
  const started = required(await platform.rest.call<{ authorization_url: string }>('POST', path, request));
  const { headers } = await fetch(started.authorization_url, {
    redirect: 'manual',
    headers: { cookie: `person=${person}` },
  });
  const callbackUrl = headers.get('location') ?? '';
  const { status } = await fetch(callbackUrl, { redirect: 'manual' });
  return { status, callbackUrl };
}

export type RestAnswer = { status: number; body: RestBody };
// biome-ignore lint/suspicious/noExplicitAny: tests examine responses of any form
export type RestBody = any;

/** Sends a request and returns the response whatever its status, for tests that examine it. */
export async function requestRest(
  platform: TestPlatform,
  method: string,
  path: string,
  body?: unknown,
): Promise<RestAnswer> {
  const response = await fetch(`${platform.api}/api/v1${path}`, {
    method,
    headers: { 'x-api-key': platform.apiKey, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

function restOf(platform: TestPlatform, apiKey: string): RestClient {
  return createRestClient(platform.api, apiKey);
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the control plane gave no answer where one was due');
  return value;
}
