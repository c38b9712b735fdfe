import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Identifies the process and what runs in it. */
export type ProcessIdentity = {
  id: string;
  host: string;
  version: string;
  /** Set when the image is built. */
  revision?: string;
  /** Unix milliseconds. */
  startedAt: number;
};

export function identifyProcess(revision: string | undefined): ProcessIdentity {
  const file = new URL('../../../package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  const startedAt = Math.round(performance.timeOrigin);
  return { id: randomUUID(), host: hostname(), version, ...(revision !== undefined && { revision }), startedAt };
}
