import { type FinalOutcome, failed, type JsonObject, type Manifest } from '@toolplane/contracts';
import type { Principal } from '../callers/principal.ts';
import type { ToolCallAnswer } from '../calls/call-target.ts';
import { type ConnectUrl, canConnect, getConnectLink, type LinkParts } from '../connections/connect-link.ts';
import { findConnectedServer } from '../connections/read-connection.ts';
import type { Edge } from '../edge.ts';
import { readInputResponses } from '../protocol/input-responses.ts';
import { urlElicitationRequired } from './ask-client.ts';
import type { AskingRequest } from './request-state.ts';

/** The name of the input request, and the mark of its round in the sealed state. */
const KEY = 'connect';
export const CONNECT_STATE = 'connect';

/** Returns whether the call failed only because of a missing connection and a link can help. */
export function lacksConnection(
  edge: Pick<Edge, 'connectUrl'>,
  principal: Principal,
  { outcome }: Pick<ToolCallAnswer, 'outcome'>,
): boolean {
  if (outcome.ok || outcome.error.code !== 'credentials_missing') return false;
  // If something was sent before the failure, calling again would send it twice.
  return outcome.outcome === 'not_started' && canConnect(edge, principal);
}

/**
 * The request that a person receives, or the answer that contains the link in its text, for clients that cannot ask.
 */
export type ConnectionOffer = { url: JsonObject } | { answer: ToolCallAnswer };

/**
 * Offers a link for a call that failed because its user is not connected. A client that can open pages is asked to do
 * so once. It may come back before the person has finished, and then the text says what to wait for.
 */
export async function offerConnection(
  edge: LinkParts,
  { request, target }: AskingRequest,
  answer: ToolCallAnswer,
  { wasAsked }: { wasAsked: boolean },
): Promise<ConnectionOffer> {
  const isDeclined = wasAsked && readInputResponses(request.params)?.[KEY]?.['action'] !== 'accept';
  if (isDeclined || !lacksConnection(edge, request.principal, answer)) return { answer };
  const server = await findConnectedServer(edge, request, target);
  // The published manifest may be older than links, or may have been deleted.
  if (server?.manifest.connection === undefined || server.manifest.connection.authentication === 'none') {
    return { answer };
  }
  const link = await getConnectLink(edge, request, server).catch(() => undefined);
  if (link === undefined) return { answer };
  if (wasAsked || !request.client.abilities.has('elicitation.url')) return { answer: withLink(answer, link) };
  const url = toUrlRequest(server.manifest, link);
  if (request.era === 'modern') return { url: { [KEY]: url } };
  // Other legacy versions do not support opening pages.
  if (request.protocolVersion === '2025-11-25') throw urlElicitationRequired([url]);
  return { answer: withLink(answer, link) };
}

/** Names the account as people know it, because several instances of a connector have the same title. */
function toUrlRequest({ title, connection }: Pick<Manifest, 'title' | 'connection'>, { url }: ConnectUrl) {
  const name = connection?.instanceName === undefined ? title : `"${connection.instanceName}" (${title})`;
  const message = `${name} has to be connected first. The page says for whom, and what it will do.`;
  return { method: 'elicitation/create' as const, params: { mode: 'url', message, url } };
}

function withLink({ outcome, ...found }: ToolCallAnswer, { url, expiresAt }: ConnectUrl): ToolCallAnswer {
  return { outcome: outcome.ok ? outcome : addLink(outcome, url, new Date(expiresAt).toISOString()), ...found };
}

function addLink({ error }: Extract<FinalOutcome, { ok: false }>, url: string, expiresAt: string): FinalOutcome {
  const { code, message, details, ...rest } = error;
  const text = `${message}. Or let the person open ${url} and connect there (the link works once, until ${expiresAt}), then call again`;
  return failed('not_started', code, text, {
    ...rest,
    details: { ...(details as JsonObject | undefined), connect_url: url, expires_at: expiresAt },
  });
}
