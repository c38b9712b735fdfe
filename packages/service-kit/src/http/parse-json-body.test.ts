import { test } from '@jest/globals';
import { AppError } from '@toolplane/contracts';
import { fuzzing, fuzzTimeoutMs, hostileText, survive } from '@toolplane/loopback/fuzzing';
import fc from 'fast-check';
import { toContext } from '../trace-context.ts';
import { parseJsonBody } from './parse-json-body.ts';

test(
  'bodies: any bytes are read or refused (T19)',
  () => {
    const pieces = [
      '{',
      '}',
      '[',
      ']',
      '"',
      ':',
      ',',
      '"__proto__":',
      '"constructor":{"prototype":',
      '\\u005f',
      '1e400',
    ];
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      hostileText(pieces, ['{"a":[1,{"b":"c"}]}']).map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(
        bytes,
        (body) =>
          void survive(
            () => parseJsonBody(body),
            (thrown) => thrown instanceof AppError,
          ),
      ),
      fuzzing,
    );
  },
  fuzzTimeoutMs,
);

test(
  'trace headers: any text continues a trace or starts one (T17)',
  () => {
    const pieces = ['00-', '-', '4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7', '01', 'ff', '=', ',', 'a'];
    const carrier = fc.record({ traceparent: hostileText(pieces), tracestate: hostileText(pieces) });
    fc.assert(
      fc.property(
        carrier,
        (sent) =>
          void survive(
            () => toContext(sent),
            () => false,
          ),
      ),
      fuzzing,
    );
  },
  fuzzTimeoutMs,
);
