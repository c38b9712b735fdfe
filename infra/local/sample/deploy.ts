import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SealingTarget } from '@toolplane/contracts';
import { sealSecret } from '@toolplane/sealing';
import { LocalError } from '../local-error.ts';
import type { RestClient } from '../rest-client.ts';

export type SampleServer = { id: string; url: string };
type StoredServer = SampleServer & { isStopped: boolean };

const SLUG = 'nightline';
const SECRET_NAME = 'NIGHTLINE_KEY';
/** The placeholder in the document for the address of the running sample API. */
const PLACEHOLDER = 'http://nightline.invalid';

/** Deploys the sample as a user would. A repeated deployment changes only what differs. */
export async function deploySample(api: RestClient, sampleUrl: string, key: string): Promise<SampleServer> {
  const server = await ensureServer(api);
  if (server.isStopped) throw new LocalError(`its server ${SLUG} is stopped; start it in the console to use it again`);
  await ensureSecret(api, server.id, key, new URL(sampleUrl).host);
  await api.call('POST', `/mcp-servers/${server.id}/deploy`, { definition: readSampleDocument(sampleUrl) });
  return { id: server.id, url: server.url };
}

export function readSampleDocument(sampleUrl: string): string {
  const template = readFileSync(join(import.meta.dirname, 'nightline.flower.yaml'), 'utf8');
  return template.replaceAll(PLACEHOLDER, sampleUrl);
}

async function ensureServer(api: RestClient): Promise<StoredServer> {
  const existing = await api.call<StoredServer>('GET', `/mcp-servers/${SLUG}`);
  if (existing !== undefined) return existing;
  const description = 'The sample: night trains, berths and lost umbrellas';
  return required(await api.call<StoredServer>('POST', '/mcp-servers', { name: SLUG, description, mode: 'NORMAL' }));
}

/** Seals the secret here for the data plane: the control plane relays a value that it cannot read. */
async function ensureSecret(api: RestClient, serverId: string, value: string, host: string): Promise<void> {
  const path = `/mcp-servers/${serverId}/secrets`;
  const secrets = required(await api.call<{ name: string; hosts: string[] }[]>('GET', path));
  if (secrets.some(({ name, hosts }) => name === SECRET_NAME && hosts.includes(host))) return;
  const purpose = `server=${serverId}&secret=${SECRET_NAME}`;
  const target = required(await api.call<SealingTarget>('GET', `/sealing-target?${purpose}`));
  const sealed = await sealSecret(target, { value, hosts: [host] });
  await api.call('PUT', `${path}/${SECRET_NAME}`, { sealed });
}

function required<Data>(data: Data | undefined): Data {
  if (data === undefined) throw new LocalError('the control plane gave no answer where one was due');
  return data;
}
