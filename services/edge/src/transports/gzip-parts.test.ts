import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { acceptsGzip, gzipBeginning, gzipEnd, sendGzipped } from './gzip-parts.ts';

const listing = Buffer.from(JSON.stringify(Array.from({ length: 500 }, (_, n) => ({ name: `get_item_${n}` }))));

test.each([['nothing'], ['text'.repeat(100)], ['ü'.repeat(32_000)]])(
  'a beginning that was compressed once can be followed by any end (%#)',
  async (end) => {
    const beginning = await gzipBeginning(listing);
    const whole = Buffer.concat([beginning.bytes, gzipEnd(beginning, Buffer.from(end))]);
    expect(gunzipSync(whole).toString()).toBe(listing.toString() + end);
    expect(beginning.bytes.length).toBeLessThan(listing.length / 4);
  },
);

test('one compressed beginning serves many ends', async () => {
  const beginning = await gzipBeginning(listing);
  for (const end of ['1', '22', '333']) {
    const whole = Buffer.concat([beginning.bytes, gzipEnd(beginning, Buffer.from(end))]);
    expect(gunzipSync(whole).toString().endsWith(`]${end}`)).toBe(true);
  }
});

test.each([
  ['small', listing],
  ['large', randomBytes(100_000)],
])('a %s body arrives complete', async (size, text) => {
  const beginning = await gzipBeginning(text);
  expect(beginning.latin1 === undefined).toBe(size === 'large');
  await using server = createServer((_request, response) => sendGzipped(response, beginning, Buffer.from(',ü')));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } });
  expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.concat([text, Buffer.from(',ü')]));
});

describe('a client accepts gzip', () => {
  test.each(['gzip', 'gzip, deflate, br', 'br, x-gzip', 'br;q=1.0, gzip;q=0.5', 'GZIP ; q=1'])('with %s', (header) => {
    expect(acceptsGzip(header)).toBe(true);
  });

  test.each([undefined, '', 'identity', 'br', 'gzip;q=0', 'gzip; q=0.0, br', 'gzipped'])(
    'but not with %s',
    (header) => {
      expect(acceptsGzip(header)).toBe(false);
    },
  );
});
