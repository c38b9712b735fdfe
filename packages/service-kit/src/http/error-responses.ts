import type { OpenAPIRegistry } from '@asteasolutions/zod-to-openapi';
import type { ErrorCode } from '@toolplane/contracts';
import type { AnyRoute } from './route.ts';

type Refusal = { code: ErrorCode; description: string; message: string; details?: { path: string; message: string }[] };

const refusals = {
  400: {
    code: 'invalid_request',
    description: 'The request is not valid: `details` names each place and the rule that it breaks',
    message: 'The request is not valid',
    details: [{ path: 'body.name', message: 'is missing' }],
  },
  401: { code: 'unauthenticated', description: 'No valid key or session', message: 'The API key is not valid' },
  403: {
    code: 'forbidden',
    description: 'The key or the person may not do this',
    message: 'The permission servers:write is missing',
  },
  404: { code: 'not_found', description: 'It does not exist, or belongs to somebody else', message: 'Not found' },
  413: { code: 'payload_too_large', description: 'The body is too large', message: 'The body is too large' },
  415: {
    code: 'unsupported_media_type',
    description: 'The body is not JSON',
    message: 'The body must be sent as application/json in UTF-8',
  },
} satisfies Record<number, Refusal>;

type Status = keyof typeof refusals;

/**
 * Adds the answers that many routes share to the document, each once, with an example. Returns a function that lists
 * those of a route.
 */
export function registerRefusals(registry: OpenAPIRegistry) {
  const entries = Object.entries(refusals).map(([status, refusal]) => {
    const { code, description, message, details }: Refusal = refusal;
    const example = { success: false, error: { code, message, ...(details === undefined ? {} : { details }) } };
    const content = { 'application/json': { schema: { $ref: '#/components/schemas/Error' }, example } };
    return [Number(status), registry.registerComponent('responses', code, { description, content }).ref] as const;
  });
  const refs = new Map(entries);
  return <Principal>(route: AnyRoute<Principal>) =>
    Object.fromEntries(statusesOf(route).flatMap((status) => (refs.has(status) ? [[status, refs.get(status)]] : [])));
}

/** The statuses with which the kit itself answers before a handler runs, and 404 if the path has parameters. */
function statusesOf<Principal>({ access, method, params, body }: AnyRoute<Principal>): Status[] {
  const isKnownCaller = access !== 'anyone';
  const mayBeForbidden = isKnownCaller && (access.includes(':') || method !== 'get');
  return [
    400,
    ...(isKnownCaller ? [401 as const] : []),
    ...(mayBeForbidden ? [403 as const] : []),
    ...(params === undefined ? [] : [404 as const]),
    ...(body === undefined ? [] : ([413, 415] as const)),
  ];
}
