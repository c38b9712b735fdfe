import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { gzipBeginning, gzipWhole, takesGzip } from './gzip-parts.ts';

const listing = Buffer.from(JSON.stringify(Array.from({ length: 500 }, (_, n) => ({ name: `get_item_${n}` }))));

test.each([['nothing'], ['text'.repeat(100)], ['ü'.repeat(32_000)]])(
  'a beginning that was compressed once goes on with any end (%#)',
  async (end) => {
    const beginning = await gzipBeginning(listing);
    const whole = Buffer.from(gzipWhole(beginning, Buffer.from(end)), 'latin1');
    expect(gunzipSync(whole).toString()).toBe(listing.toString() + end);
    expect(beginning.latin1.length).toBeLessThan(listing.length / 4);
  },
);

test('one beginning serves many ends', async () => {
  const beginning = await gzipBeginning(listing);
  for (const end of ['1', '22', '333']) {
    const whole = Buffer.from(gzipWhole(beginning, Buffer.from(end)), 'latin1');
    expect(gunzipSync(whole).toString().endsWith(`]${end}`)).toBe(true);
  }
});

describe('a client takes gzip', () => {
  test.each(['gzip', 'gzip, deflate, br', 'br, x-gzip', 'br;q=1.0, gzip;q=0.5', 'GZIP ; q=1'])('with %s', (header) => {
    expect(takesGzip(header)).toBe(true);
  });

  test.each([undefined, '', 'identity', 'br', 'gzip;q=0', 'gzip; q=0.0, br', 'gzipped'])(
    'and not with %s',
    (header) => {
      expect(takesGzip(header)).toBe(false);
    },
  );
});
