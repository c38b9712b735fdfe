/*
 * The single list of addresses that no tool reaches: the guard of the data plane and the NetworkPolicy that is
 * generated from it (`network-policy.ts`) use the same list. IPv4-mapped IPv6 (::ffff:0:0/96) is missing on purpose:
 * the guard judges such an address as the IPv4 address that it reaches, and no packet carries it.
 */

export type RefusedRange = readonly [cidr: string, reason: string];

/** All ranges that the IANA registry does not call global, and addresses that clouds use for their own services. */
export const refusedRangesV4: readonly RefusedRange[] = [
  ['0.0.0.0/8', 'this network'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'carrier-grade NAT; metadata of Alibaba (100.100.100.200)'],
  ['127.0.0.0/8', 'loopback'],
  ['168.63.129.16/32', 'metadata and agent of Azure'],
  ['169.254.0.0/16', 'link-local; metadata of clouds, of ECS tasks (169.254.170.2) and of EKS pods (169.254.170.23)'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'protocol assignments; metadata of Oracle (192.0.0.192)'],
  ['192.0.2.0/24', 'documentation'],
  ['192.31.196.0/24', 'AS112'],
  ['192.52.193.0/24', 'AMT'],
  ['192.88.99.0/24', '6to4 relays'],
  ['192.168.0.0/16', 'private'],
  ['192.175.48.0/24', 'AS112'],
  ['198.18.0.0/15', 'benchmarks'],
  ['198.51.100.0/24', 'documentation'],
  ['203.0.113.0/24', 'documentation'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved, and broadcast'],
];

/** Only 2000::/3 is assigned to global unicast, and parts of it are refused, too. */
export const refusedRangesV6: readonly RefusedRange[] = [
  ['::/3', 'unspecified, loopback, IPv4-compatible, IPv4-translated, NAT64 (64:ff9b::/96, 64:ff9b:1::/48), discard'],
  ['2001::/23', 'protocol assignments; Teredo, benchmarks, ORCHID'],
  ['2001:db8::/32', 'documentation'],
  ['2002::/16', '6to4'],
  ['2620:4f:8000::/48', 'AS112'],
  ['3fff::/20', 'documentation'],
  ['4000::/2', 'not assigned; segment routing (5f00::/16)'],
  [
    '8000::/1',
    'not assigned; unique local (fc00::/7), link-local (fe80::/10), site-local (fec0::/10), multicast (ff00::/8)',
  ],
];
