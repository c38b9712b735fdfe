import type { JsonObject } from '@toolplane/contracts';
import { z } from 'zod';
import { connectorSchema } from './connector-schema.ts';

let made: JsonObject | undefined;

/** JSON Schema 2020-12 of a descriptor as it is written, for editors. Must not be changed: everybody gets the same. */
export function connectorSchemaJson(): JsonObject {
  made ??= {
    $id: '/schemas/connector.json',
    ...(z.toJSONSchema(connectorSchema, {
      io: 'input',
      target: 'draft-2020-12',
      unrepresentable: 'any',
    }) as JsonObject),
  };
  return made;
}
