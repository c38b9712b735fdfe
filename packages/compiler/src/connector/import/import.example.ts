import type { JsonObject } from '@toolplane/contracts';
import type { Connector } from '../descriptor/connector-schema.ts';
import { readConnector } from '../read-connector.ts';
import { type ImportResult, importOpenApi } from './import-open-api.ts';
import type { ImportOptions } from './import-options.ts';

type Imported = ImportResult & { connector: Connector };

/** Imports a document for tests; it must be possible to register the resulting descriptor. */
export function importApi(paths: JsonObject, more: JsonObject = {}, options: ImportOptions = {}): Imported {
  const head = { openapi: '3.1.0', info: { title: 'Test API', version: '1.2.3' } };
  const servers = [{ url: 'https://api.example.com/v1' }];
  return readImported(JSON.stringify({ ...head, servers, paths, ...more }), options);
}

export function readImported(text: string, options: ImportOptions = {}): Imported {
  const result = importOpenApi(text, options);
  if (result.descriptor === undefined) throw new Error(JSON.stringify(result));
  const { connector, diagnostics } = readConnector(result.descriptor);
  if (connector === undefined) throw new Error(JSON.stringify(diagnostics));
  return { ...result, connector };
}

/** Imports the operation of a document that has only one. */
export function importOperation(operation: JsonObject, more: JsonObject = {}, method = 'post') {
  const { connector, diagnostics } = importApi({ '/things': { [method]: operation } }, more);
  const [imported] = connector.operations;
  if (imported === undefined) throw new Error('nothing was imported');
  return { operation: imported, connector, diagnostics };
}

/** Returns a schema as it is imported for a property of a JSON body. */
export function importSchema(schema: JsonObject | boolean, schemas: JsonObject = {}): JsonObject {
  const body = { type: 'object', properties: { value: schema } };
  const { operation } = importOperation(
    { requestBody: { content: { 'application/json': { schema: body } } } },
    { components: { schemas } },
  );
  return operation.parameters[0]?.schema ?? {};
}
