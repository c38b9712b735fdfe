import { BlockList } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { createAddressGuard } from './address-guard.ts';
import { refusedRangesV4, refusedRangesV6 } from './refused-ranges.ts';

const ranges = [...refusedRangesV4, ...refusedRangesV6].map(([cidr]) => cidr);
const guard = createAddressGuard([]);

/**
 * Node's own implementation, to which the guard is compared. One list for both families would treat every IPv4 address
 * as part of ::/3.
 */
const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
const kindOf = (address: string) => (address.includes(':') ? 'ipv6' : 'ipv4');
for (const cidr of ranges) {
  const [network = '', bits] = cidr.split('/');
  lists[kindOf(network)].addSubnet(network, Number(bits), kindOf(network));
}
const isRefused = (address: string) => lists[kindOf(address)].check(address, kindOf(address));

const byte = fc.nat({ max: 255 });
const bytesOf = (bits: 32 | 128) => fc.array(byte, { minLength: bits / 8, maxLength: bits / 8 });
const anyAddress = fc.oneof(bytesOf(32), bytesOf(128));

/** Generates addresses within a range of the list, or directly before or after it. */
const besideRange = fc
  .tuple(fc.constantFrom(...ranges), anyAddress, fc.constantFrom(-1, 0, 1))
  .map(([cidr, noise, step]) => {
    const [network, bits] = ipaddr.parseCIDR(cidr);
    const bytes = network.toByteArray();
    const size = BigInt(bytes.length * 8);
    const width = size - BigInt(bits);
    const inside = toNumber(noise.slice(0, bytes.length)) & ((1n << width) - 1n);
    const moved = toNumber(bytes) + inside + BigInt(step) * (1n << width);
    return toBytes(((moved % (1n << size)) + (1n << size)) % (1n << size), bytes.length);
  });

function toNumber(bytes: readonly number[]): bigint {
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function toBytes(number: bigint, length: number): number[] {
  return Array.from({ length }, (_, index) => Number((number >> BigInt(8 * (length - 1 - index))) & 255n));
}

const address = fc.oneof(anyAddress, besideRange).map((bytes) => ipaddr.fromByteArray(bytes));
/** The address in the form in which it reaches its host. */
const plain = address.map((it) => ipaddr.process(it.toString()).toString());

describe('the list of refused ranges', () => {
  test('is exactly what the guard refuses, for any address (T3)', () => {
    fc.assert(
      fc.property(plain, (it) => expect(guard.isAllowed(it)).toBe(!isRefused(it))),
      { numRuns: 3000 },
    );
  });

  test('contains everything that ipaddr.js does not call unicast (T3)', () => {
    fc.assert(
      fc.property(plain, (it) => {
        if (ipaddr.parse(it).range() !== 'unicast') expect(isRefused(it)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  test.each(ranges)('contains %s in its shortest form', (cidr) => {
    const [network, bits] = ipaddr.parseCIDR(cidr);
    expect(`${network}/${bits}`).toBe(cidr);
    const first = network.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6;
    expect(`${first.networkAddressFromCIDR(cidr)}/${bits}`).toBe(cidr);
  });
});

test('an address that an operator denies stays denied despite an exception (T3)', () => {
  const narrow = createAddressGuard(['10.0.0.0/8'], ['10.1.0.0/16', '8.8.8.0/24']);
  const addresses = ['10.2.0.1', '10.1.0.1', '::ffff:10.1.0.1', '8.8.8.8', '8.8.4.4'];
  expect(addresses.map(narrow.isAllowed)).toEqual([true, false, false, false, true]);
  expect(addresses.map(narrow.isException)).toEqual([true, false, false, false, false]);
});
