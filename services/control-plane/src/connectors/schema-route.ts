import { AppError } from '@toolplane/contracts';
import type { Api } from '@toolplane/service-kit/http';
import type { Principal } from '../platform/principals/principal.ts';
import type { Compiler } from '../servers/documents/compiling/compiler.ts';

const PATH = '/schemas/connector.json';

/** Serves the JSON Schema of descriptors to editors, which send no key, and some of which run in a browser. */
export function addConnectorSchemaRoute(api: Api<Principal>, compiler: Pick<Compiler, 'connectorSchema'>): void {
  let schema: Promise<string> | undefined;

  /** The schema is created once, for the first request. */
  function getSchema(): Promise<string> {
    schema ??= compiler.connectorSchema().catch((error: unknown) => {
      schema = undefined;
      throw error;
    });
    return schema;
  }

  api.app.get(PATH, async (_req, res) => {
    const text = await getSchema();
    res.set({
      'content-type': 'application/schema+json; charset=utf-8',
      'cache-control': 'public, max-age=3600',
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
    });
    res.send(text);
  });
  api.app.all(PATH, (_req, res) => {
    res.set('allow', 'GET');
    throw new AppError('method_not_allowed', 'This path accepts only GET');
  });
}
