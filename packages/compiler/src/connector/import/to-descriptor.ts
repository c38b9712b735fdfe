import type { OpenApiDocument } from '../../openapi/model.ts';
import type { ConnectorInput } from '../descriptor/connector-schema.ts';
import type { ImportedOperation } from './import-operation.ts';
import type { ImportOptions } from './import-options.ts';
import { plainText } from './texts/plain-text.ts';
import { shorten } from './texts/sentences.ts';
import { toMetadata } from './to-metadata.ts';
import { describeTool } from './tools/describe-tool.ts';
import { nameTools } from './tools/name-tools.ts';

const MAPPINGS_MAX = 2000;
const ID_LENGTH_MAX = 100;
const SERVER_NAME_LENGTH_MAX = 60;
const SERVER_DESCRIPTION_LENGTH_MAX = 400;

/** Returns the text of the descriptor, with a suggested tool for each operation. */
export function toDescriptor(
  document: OpenApiDocument,
  imported: readonly ImportedOperation[],
  authentication: NonNullable<ConnectorInput['authentication']>,
  options: ImportOptions,
): string {
  const metadata = toMetadata(document, options);
  const ids = nameOperations(imported);
  const names = nameTools(
    imported.map(({ source }) => ({ ...source, summary: plainText(source.summary ?? source.description ?? '') })),
  );
  const connector: ConnectorInput = {
    metadata,
    ...(authentication.length === 0 ? {} : { authentication }),
    operations: imported.map(({ operation }, index) => ({ operation_id: ids[index] ?? '', ...operation })),
    mcp_config: {
      enabled: true,
      server_name: toServerName(metadata.slug),
      server_description: shorten(metadata.description, SERVER_DESCRIPTION_LENGTH_MAX),
      route_mappings: imported.slice(0, MAPPINGS_MAX).map(({ source }, index) => {
        const name = names[index] ?? '';
        return {
          operation_id: ids[index] ?? '',
          mcp_tool_name: name,
          mcp_tool_description: describeTool(name, source, metadata.name),
        };
      }),
    },
  };
  return JSON.stringify(connector, null, 2);
}

/** Names operations as in the document if that name is valid, otherwise by method and path. */
function nameOperations(imported: readonly ImportedOperation[]): string[] {
  const taken = new Set<string>();
  return imported.map(({ source: { operationId, method, path } }) => {
    const wanted = toId(operationId ?? '') || toId(`${method.toLowerCase()}_${path}`) || method.toLowerCase();
    let id = wanted;
    for (let number = 2; taken.has(id); number += 1) id = `${wanted}_${number}`;
    taken.add(id);
    return id;
  });
}

function toId(text: string): string {
  const fit = text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^A-Za-z0-9_./-]+/g, '_')
    .replaceAll(/^[_/]+|[_/]+$/g, '');
  return fit.replaceAll(/_?\/_?/g, '/').slice(0, ID_LENGTH_MAX);
}

function toServerName(slug: string): string {
  return slug.replaceAll('-', '_').slice(0, SERVER_NAME_LENGTH_MAX).replace(/_+$/, '') || 'api';
}
