import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { certificate } from '@toolplane/loopback/certificate';
import { getFreePort } from '@toolplane/loopback/ports';
import type { TestControlPlane } from './control-plane.ts';

/** A real data plane that may reach this machine over HTTPS, and trusts the certificate of the tests. */
export async function startDataPlane({ redis, keys }: TestControlPlane): Promise<AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'toolplane-data-plane-'));
  const trusted = join(folder, 'certificate.pem');
  await writeFile(trusted, certificate);
  const port = await getFreePort();
  const main = fileURLToPath(new URL('../../data-plane/src/main.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=toolplane-source', main], {
    env: {
      PATH: process.env['PATH'] ?? '',
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '',
      HEALTH_PORT: String(port),
      REDIS_URL: redis.url,
      CALL_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      COMMAND_KEYS: keys.commands,
      MANIFEST_VERIFY_KEYS: keys.verify,
      SECRETS_STORE: 'file',
      SECRETS_DIR: join(folder, 'secrets'),
      SECRETS_KEYS: randomBytes(32).toString('base64'),
      EGRESS_ALLOW_CIDRS: '127.0.0.0/8,::1/128',
      EGRESS_PORTS: 'any',
      NODE_EXTRA_CA_CERTS: trusted,
    },
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  const isReady = () =>
    fetch(`http://127.0.0.1:${port}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isReady())) {
    if (child.exitCode !== null) throw new Error('the data plane ended');
    await delay(20);
  }
  return {
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
