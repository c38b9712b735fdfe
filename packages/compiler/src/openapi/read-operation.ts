import { type HttpMethod, httpMethods, type Json } from '@toolplane/contracts';
import { OpenApiError, type OpenApiOperation, type SecurityNeed, type ServerChoice } from './model.ts';
import type { OpenApiNode } from './open-api-node.ts';
import { readBody } from './read-body.ts';
import { readParameters } from './read-parameters.ts';
import { readSecurity } from './read-security.ts';
import { readServers } from './read-servers.ts';
import { resolveServer } from './resolve-server.ts';

/** The location of an operation. */
export type OperationEntry = {
  /** The pointer goes through the path, even if the path is a `$ref`. */
  pointer: string;
  path: string;
  /** The method as written. */
  method: string;
  node: OpenApiNode;
  /** Returns a member of the path item; members beside its `$ref` take precedence over those of its target. */
  ofPath(key: string): OpenApiNode | undefined;
};

/** Values that operations inherit from the document are read once for all of them. */
export function createOperationReader(
  root: OpenApiNode,
  location: string,
  serverUrl?: string,
): (entry: OperationEntry) => OpenApiOperation {
  let rootServers: ServerChoice[] | undefined;
  let rootSecurity: SecurityNeed[][] | undefined;
  let urlBase: string | undefined;
  return (entry) => {
    const { pointer, path, node, ofPath } = entry;
    checkPath(path, pointer);
    const ownServers = readServers(node.member('servers')) ?? readServers(ofPath('servers'));
    const ownSecurity = node.member('security');
    const body = node.member('requestBody');
    return {
      pointer,
      ...optionalTexts(node, ['operationId', 'summary', 'description']),
      tags: textsOf(node.member('tags')?.value),
      isDeprecated: node.member('deprecated')?.value === true,
      method: toMethod(entry),
      path,
      parameters: readParameters(ofPath('parameters'), node.member('parameters')),
      ...(body === undefined ? {} : { requestBody: readBody(body) }),
      statuses: (node.member('responses')?.entries() ?? []).flatMap(([key]) => (key.startsWith('x-') ? [] : [key])),
      servers: ownServers ?? getRootServers(),
      security: ownSecurity === undefined ? getRootSecurity() : readSecurity(ownSecurity, root, getUrlBase()),
      declaresSecurity: ownSecurity !== undefined || root.member('security') !== undefined,
    };
  };

  function getRootServers(): ServerChoice[] {
    rootServers ??= readServers(root.member('servers')) ?? [{ url: '/', variables: {} }];
    return rootServers;
  }

  /**
   * According to OpenAPI, relative OAuth URLs are resolved against the server; if it is unknown, they are resolved
   * against the document.
   */
  function getUrlBase(): string {
    urlBase ??= serverUrl ?? serverBase() ?? location;
    return urlBase;
  }

  function serverBase(): string | undefined {
    try {
      const [server] = getRootServers();
      const base = { location: URL.canParse(location) ? location : '' };
      return server && resolveServer(server, base) + (server.url.endsWith('/') ? '/' : '');
    } catch (thrown) {
      if (thrown instanceof OpenApiError) return undefined;
      throw thrown;
    }
  }

  function getRootSecurity(): SecurityNeed[][] {
    const node = root.member('security');
    rootSecurity ??= node === undefined ? [] : readSecurity(node, root, getUrlBase());
    return rootSecurity;
  }
}

/**
 * Refuses characters that a URL would cut off or resolve, because the request would be sent to a different location
 * than the document declares. A query in the path is sent.
 */
function checkPath(path: string, pointer: string): void {
  if (!path.startsWith('/')) throw new OpenApiError('A path must begin with "/"', pointer);
  if (/[#\\\p{Cc}]/u.test(path)) {
    throw new OpenApiError('A path cannot have "#", a backslash or control characters', pointer);
  }
  const [beforeQuery = ''] = path.split('?', 1);
  const isDotted = beforeQuery.split('/').some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment));
  if (isDotted) throw new OpenApiError('A path cannot have the segments "." and ".."', pointer);
}

function toMethod({ method, pointer }: OperationEntry): HttpMethod {
  const known = httpMethods.find((each) => each === method.toUpperCase());
  if (known !== undefined) return known;
  throw new OpenApiError(`${method.toUpperCase()} is not a method that can be sent`, pointer);
}

function textsOf(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** Returns those of the given members that exist and are text. */
function optionalTexts<Key extends string>(node: OpenApiNode, keys: readonly Key[]): { [K in Key]?: string } {
  const found: { [K in Key]?: string } = {};
  for (const key of keys) {
    const text = node.text(key);
    if (text !== undefined) found[key] = text;
  }
  return found;
}
