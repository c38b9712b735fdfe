import { expect, test } from '@jest/globals';
import { fuzzing, fuzzTimeoutMs, hostileText, survive } from '@toolplane/loopback/fuzzing';
import fc from 'fast-check';
import { formatApiKey, parseApiKey } from './api-key-format.ts';
import { callEventSchema } from './call-event.ts';
import { catalogueSchema } from './catalogue.ts';
import { commandSchema } from './commands.ts';
import { apiKeyRecordSchema, manifestSchema } from './manifest.ts';
import { planSchema } from './plan.ts';
import { outcomeSchema, toolCallSchema } from './tool-call.ts';

const nothing = () => false;
const { key } = formatApiKey({ keyId: new Uint8Array(7), secret: new Uint8Array(32) });

test(
  'API keys: any text except a key is refused (T24, B029)',
  () => {
    const text = hostileText(['tp_live_', '_', '0', 'z', '\n', '٣', ' '], [key]);
    fc.assert(
      fc.property(text, (written) => {
        if (written !== key) expect(survive(() => parseApiKey(written), nothing)).toBeUndefined();
      }),
      fuzzing,
    );
  },
  fuzzTimeoutMs,
);

const schemas = {
  apiKeyRecordSchema,
  callEventSchema,
  catalogueSchema,
  commandSchema,
  manifestSchema,
  outcomeSchema,
  planSchema,
  toolCallSchema,
};

test.each(Object.entries(schemas))(
  '%s: any value is accepted or refused (T19)',
  (_name, schema) => {
    const kind = fc.constantFrom(
      'manifest',
      'plan',
      'api-key',
      'store_secret',
      'done',
      'unknown',
      'log',
      1,
      true,
      null,
    );
    const name = fc.constantFrom(
      'version',
      'kind',
      'command',
      'ok',
      'outcome',
      'ref',
      'steps',
      'tools',
      '__proto__',
      'error',
    );
    const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.dictionary(name, fc.oneof(kind, fc.jsonValue())));
    fc.assert(
      fc.property(value, (sent) => void survive(() => schema.safeParse(sent), nothing)),
      fuzzing,
    );
  },
  fuzzTimeoutMs,
);
