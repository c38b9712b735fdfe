import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { NETWORK_POLICY_FILE, toNetworkPolicy } from './egress/network-policy.ts';

const path = join(import.meta.dirname, '../../..', NETWORK_POLICY_FILE);
await mkdir(dirname(path), { recursive: true });
await writeFile(path, toNetworkPolicy());
