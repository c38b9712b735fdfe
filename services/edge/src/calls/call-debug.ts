import { type CallDebug, isJsonObject, type Json, type JsonObject, type Manifest } from '@toolplane/contracts';
import { memoize } from '../memoize.ts';
import type { TargetCall } from './call-target.ts';

/**
 * Returns the debug session that is open at the server now. A session expires on its own, whether or not anything is
 * published then.
 */
export function openSessionOf({ debug }: Manifest): Manifest['debug'] {
  return debug !== undefined && debug.expiresAt > Date.now() ? debug : undefined;
}

/**
 * Returns the data that accompanies a call at a server that somebody debugs. The data plane checks the grant, and shows
 * nothing to edges.
 */
export function debugOf({ server, target, principal, debugToken }: TargetCall): CallDebug | undefined {
  const session = openSessionOf(server.manifest);
  // A call without a principal is made by the edge itself, so nobody debugs it.
  if (session === undefined || principal === undefined) return undefined;
  const hiddenInputs = target.inputSchema === undefined ? [] : hiddenInputsOf(target.inputSchema);
  const kind = principal.kind === 'api-key' ? 'key' : principal.kind;
  return {
    grant: session.grant,
    caller: debugToken === undefined ? kind : 'debugger',
    ...(debugToken === undefined ? {} : { token: debugToken }),
    ...(hiddenInputs.length === 0 ? {} : { hiddenInputs }),
  };
}

const POINTERS_MAX = 100;
const DEPTH_MAX = 10;

/** Returns JSON Pointers to the inputs that a schema marks as passwords or as write-only. `*` stands for any member. */
const hiddenInputsOf = memoize((schema: JsonObject) => findHidden(schema, '', 0).slice(0, POINTERS_MAX));

function findHidden(schema: Json | undefined, pointer: string, depth: number): string[] {
  if (!isJsonObject(schema) || depth > DEPTH_MAX) return [];
  const { format, writeOnly, properties, items, additionalProperties, allOf, anyOf, oneOf } = schema;
  if (pointer !== '' && (format === 'password' || writeOnly === true)) return [pointer];
  const named = isJsonObject(properties) ? Object.entries(properties) : [];
  return [
    ...named.flatMap(([name, it]) => findHidden(it, `${pointer}/${escapeName(name)}`, depth + 1)),
    ...[items, additionalProperties].flatMap((it) => findHidden(it, `${pointer}/*`, depth + 1)),
    ...[allOf, anyOf, oneOf].flat().flatMap((it) => findHidden(it, pointer, depth + 1)),
  ];
}

const escapeName = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1');
