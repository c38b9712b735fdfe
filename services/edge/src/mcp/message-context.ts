import type { IncomingHttpHeaders } from 'node:http';
import type { Principal } from '../callers/principal.ts';
import type { HostedServer } from '../manifests/hosted-server.ts';
import type { LiveSession } from '../sessions/sessions.ts';

/** The data about a message in addition to its content. */
export type MessageContext = {
  server: HostedServer;
  principal: Principal;
  headers: IncomingHttpHeaders;
  live: LiveSession | undefined;
};
