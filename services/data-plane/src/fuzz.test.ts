import { isIPv4 } from 'node:net';
import { expect, test } from '@jest/globals';
import { AppError } from '@toolplane/contracts';
import { fuzzing, fuzzTimeoutMs, hostileText, isConfigError, survive } from '@toolplane/loopback/fuzzing';
import fc from 'fast-check';
import { readDataPlaneConfig } from './config.ts';
import { createAddressGuard } from './egress/address-guard.ts';
import { matchesHost } from './egress/host-pattern.ts';
import { checkUrl } from './egress/url-guard.ts';
import { findNextLink } from './execution/pages/next-link.ts';
import { parseBody } from './execution/parse-body.ts';
import { readRetryAfterMs } from './execution/retry-after.ts';

/* Fuzzes the responses of upstreams, and the URLs that documents and arguments produce. */

const isOurs = (thrown: unknown) => thrown instanceof AppError;
const never = () => false;

test(
  'bodies of answers: any bytes are either read or refused (B109)',
  () => {
    const json = ['{', '}', '[', ']', '"', ':', ',', '1e400', 'NaN', '"__proto__"', '\\ud800', '12345678901234567890'];
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((each) => Buffer.from(each)),
      hostileText(json, ['{"a":[1,{"b":"c"}]}']).map((text) => Buffer.from(text)),
    );
    const type = fc.oneof(
      fc.constantFrom(undefined, 'application/json', 'text/plain; charset=utf-16', 'a/b+json; charset="x"', 'text/xml'),
      fc.string(),
    );
    const reading = fc.constantFrom('arazzo' as const, 'strict' as const, undefined);
    fc.assert(
      fc.property(
        bytes,
        type,
        reading,
        (body, contentType, how) => void survive(() => parseBody(body, contentType, how), isOurs),
      ),
      fuzzing,
    );
  },
  fuzzTimeoutMs,
);

test(
  'Link headers: any text either has a next page or has none (T17)',
  () => {
    const pieces = [
      '<',
      '>',
      ';',
      'rel=',
      '"next"',
      'next',
      ',',
      '=',
      '\\',
      '"',
      ' ',
      'https://a.test/?p=2',
      'title="x',
    ];
    const from = new URL('https://a.test/x');
    fc.assert(
      fc.property(hostileText(pieces), (header) => void survive(() => findNextLink(from, header), never)),
      fuzzing,
    );
  },
  fuzzTimeoutMs,
);

test(
  'Retry-After: any text is either a wait of at most an hour or ignored (B112)',
  () => {
    const pieces = ['1', '9', '-', '.', 'e9', 'Mon, ', '05 Jan 2026 12:00:10', ' GMT', 'x', '٣'];
    fc.assert(
      fc.property(hostileText(pieces), (header) => {
        const response = { status: 429, headers: { 'retry-after': header }, body: null };
        const waitMs = survive(() => readRetryAfterMs(response, Date.now()), never) ?? 0;
        expect(waitMs >= 0 && waitMs <= 3_600_000).toBe(true);
      }),
      fuzzing,
    );
  },
  fuzzTimeoutMs,
);

test(
  'URLs: any text is checked, and no accepted URL has an internal address (T3)',
  () => {
    const pieces = [
      'http://',
      'https:',
      '//',
      '127.0.0.1',
      '0x7f',
      '[',
      ']',
      '::1',
      '::ffff:',
      '@',
      ':80',
      '/',
      '\\',
      '#',
      '?',
    ];
    const names = [
      'localhost',
      '.',
      '。',
      '①',
      '%31',
      'a.test',
      '\t',
      '2130706433',
      '169.254.169.254',
      'metadata.google.internal',
    ];
    const policy = { addresses: createAddressGuard([]), isHttpAllowed: true, ports: 'any' as const };
    fc.assert(
      fc.property(hostileText([...pieces, ...names]), (text) => {
        const url = survive(() => checkUrl(text, policy), isOurs);
        if (url === undefined) return;
        survive(() => matchesHost(['a.test', '*.a.test', 'a.test:80'], url), never);
        const host = url.hostname;
        // A name may begin like an address (`169.254.169.254http`); the address to which it resolves is checked later.
        const isInside =
          (isIPv4(host) && /^(127|0|169\.254)\./.test(host)) ||
          /^(\[::1?\]$|\[::ffff:|localhost\.?$|metadata\.google\.internal\.?$)/.test(host);
        expect([text, isInside]).toEqual([text, false]);
      }),
      fuzzing,
    );
  },
  fuzzTimeoutMs,
);

test(
  'the environment: any values are either accepted or refused, without being quoted (T9)',
  () => {
    const names = [
      'REDIS_URL',
      'EGRESS_ALLOW_CIDRS',
      'EGRESS_PORTS',
      'SECRETS_STORE',
      'SECRETS_KEYS',
      'RESPONSE_BYTES_MAX',
    ];
    const value = fc.oneof(fc.constantFrom('file', 'aws', 'vault', 'any', '10.0.0.0/8', '/', 'true'), fc.string());
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names, '__proto__'), value), (environment) => {
        survive(
          () => readDataPlaneConfig(environment),
          (thrown) => isConfigError(thrown, environment),
        );
      }),
      fuzzing,
    );
  },
  fuzzTimeoutMs,
);
