import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClientAddress, createLogger, SecretValue } from '@toolplane/service-kit';
import { createControlPlaneApi } from './app.ts';
import { createDomains } from './domains.ts';

/*
 * Prints the OpenAPI document exactly as the service answers it, for `npm run api-types`. It needs no database: domains
 * use what they are created with only when a route handles a request.
 */

const unused = new Proxy(() => unused, { get: () => unused }) as never;
const logger = createLogger('control-plane', 'silent');
const addressOf = createClientAddress([]);
const [publicUrl, edgePublicUrl] = ['https://api.example.test', 'https://mcp.example.test'];

const { domains } = createDomains({
  database: unused,
  publisher: unused,
  debugStreams: unused,
  caller: unused,
  locks: unused,
  compiler: unused,
  signer: unused,
  answerMsMax: unused,
  quotas: unused,
  pepper: new SecretValue('unused'),
  publicUrl,
  edgePublicUrl,
  addressOf,
  logger,
  externalRefreshMs: 0,
  auditRetentionDays: 0,
  callLogRetentionDays: 0,
});
const reached = { publicUrl, edgePublicUrl, addressOf, requestsPerMinute: 1, allowedHosts: ['127.0.0.1'] };
const { app } = createControlPlaneApi(domains, reached, logger);
const server = createServer(app).listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
const response = await fetch(`http://127.0.0.1:${port}/api/v1/openapi.json`);
process.stdout.write(await response.text());
server.close();
