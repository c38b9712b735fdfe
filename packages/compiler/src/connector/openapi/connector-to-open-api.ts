import { definedOnly, type JsonObject } from '@toolplane/contracts';
import type { Connector } from '../descriptor/connector-schema.ts';
import type { Operation } from '../descriptor/operation-schema.ts';
import { splitEndpoint } from './split-endpoint.ts';
import { toParameters, toRequestBody } from './to-parameters.ts';
import { createSecuritySchemes } from './to-security.ts';

/**
 * Converts the descriptor to an OpenAPI 3.1 document, for those who call the API without Toolplane. Everything that
 * OpenAPI cannot express is omitted: pagination, picks, limits, and which operations are tools.
 */
export function connectorToOpenApi(connector: Connector): JsonObject {
  const { metadata, operations } = connector;
  const security = createSecuritySchemes(connector);
  const paths = createPaths();
  const servers = new Map<string, JsonObject>();
  for (const operation of operations) {
    const { server, path, query } = splitEndpoint(operation.endpoint, connector);
    servers.set(JSON.stringify(server), server);
    paths.add(path, operation.method, {
      operationId: operation.operation_id,
      ...definedOnly({ summary: operation.summary, description: operation.description }),
      servers: [server],
      ...toParameters(operation, query),
      ...toRequestBody(operation),
      responses: responsesOf(operation),
      security: security.of(operation),
    });
  }
  const [only, ...others] = servers.values();
  const schemes = security.schemes();
  return {
    openapi: '3.1.0',
    info: {
      title: metadata.name,
      version: metadata.version,
      ...(metadata.summary === undefined ? {} : { summary: metadata.summary }),
      description: metadata.description,
      contact: { name: metadata.publisher },
    },
    ...definedOnly({
      externalDocs: isUrl(metadata.documentation_url) ? { url: metadata.documentation_url } : undefined,
      servers: only === undefined ? undefined : [only],
    }),
    paths: others.length === 0 ? paths.withoutServers() : paths.all(),
    ...(Object.keys(schemes).length === 0 ? {} : { components: { securitySchemes: schemes } }),
  };
}

type Paths = Record<string, Record<string, JsonObject>>;

/**
 * A path can have only one operation per method, and no two paths may differ only in the names of their templates.
 * Operations that would be lost are written under the same path with an empty query, which is the same request:
 * `/graphql?`, `/graphql?&`.
 */
function createPaths() {
  const paths: Paths = {};
  const byShape = new Map<string, string>();
  return {
    add(path: string, method: Operation['method'], operation: JsonObject): void {
      const key = method.toLowerCase();
      let free = path;
      const isTaken = () => {
        const known = byShape.get(shapeOf(free));
        return known !== undefined && (known !== free || paths[free]?.[key] !== undefined);
      };
      for (let mark = '?'; isTaken(); mark += '&') free = path + mark;
      byShape.set(shapeOf(free), free);
      paths[free] = { ...paths[free], [key]: operation };
    },
    all: (): JsonObject => paths,
    withoutServers: (): JsonObject => {
      const items = Object.entries(paths).map(([path, item]) => {
        const entries = Object.entries(item).map(([method, { servers: _, ...operation }]) => [method, operation]);
        return [path, Object.fromEntries(entries)];
      });
      return Object.fromEntries(items);
    },
  };
}

function shapeOf(path: string): string {
  return path.replaceAll(/\{[^{}]*\}/g, '{}');
}

function responsesOf({ response }: Operation): JsonObject {
  const picked = response?.pick === undefined ? '' : ' A tool returns a part of it.';
  return {
    200: { description: `The answer of the API.${picked}`, content: { 'application/json': { schema: {} } } },
    default: { description: 'The call has failed.' },
  };
}

function isUrl(text: string | undefined): text is string {
  return text !== undefined && /^https?:\/\//i.test(text) && URL.canParse(text);
}
