import { deepStrictEqual, ok } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, lstatSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { writeBill } from '../../infra/local/deployment/bill-of-materials.ts';
import { openHome } from '../../infra/local/home.ts';
import { describeServices } from '../../infra/local/services.ts';
import { startThrowawayServers } from '../../infra/local/throwaway-servers.ts';
import { buildTarget } from '../images/build-target.ts';

/*
 * Builds here what the Dockerfile builds, by its own COPY and RUN lines, and starts it by its own ENTRYPOINT and CMD,
 * with the Node from the installed packages in place of the image's. The three services must start, work together and
 * end when asked.
 */

const READY_MS_MAX = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'toolplane-images-'));
const home = await openHome(join(folder, 'home'), undefined);
const servers = await startThrowawayServers();
const running: { name: string; child: ReturnType<typeof spawn> }[] = [];
try {
  const { DATABASE_URL, REDIS_URL } = servers.env;
  const redis = { edge: REDIS_URL, 'data-plane': REDIS_URL, 'control-plane': REDIS_URL, admin: REDIS_URL };
  const described = describeServices(home, DATABASE_URL, redis);
  for (const name of ['control-plane', 'data-plane', 'edge']) {
    const image = await buildTarget(name, folder);
    checkContent(name, image.folder);
    await checkBill(name, image.folder);
    const { env = {}, healthPort } = described.find((service) => service.name === name) ?? {};
    const settings = { ...image.env, ...env, NODE_COMPILE_CACHE: '' };
    const start = (args: string[], more = {}) =>
      spawn(process.execPath, [...image.flags, ...args], {
        cwd: image.folder,
        env: { ...settings, ...more },
        stdio: ['ignore', 'inherit', 'inherit'],
      });
    if (name === 'control-plane') {
      const [code] = await once(start(['services/control-plane/src/migrate.ts']), 'exit');
      deepStrictEqual(code, 0, 'the image migrates');
    }
    running.push({ name, child: start(image.command, { MIGRATE_AT_START: 'false', LOG_LEVEL: 'warn' }) });
    await untilReady(name, healthPort);
    if (name === 'control-plane') {
      await checkConsole(Number(env['PORT']), image.folder);
      await checkCli(Number(env['PORT']));
    }
  }
  for (const { name, child } of running.toReversed()) {
    child.kill('SIGTERM');
    const [code, signal] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode];
    deepStrictEqual([code, signal], [0, null], `${name} ends by itself when it is asked`);
  }
  console.log('images: three services built as the Dockerfile says, ready, and ended');
} finally {
  for (const { child } of running) child.kill('SIGKILL');
  await servers.stop();
  home.close();
  rmSync(folder, { recursive: true, force: true });
}

/** Checks that the image contains no development files and nothing of the other services. */
function checkContent(name: string, app: string): void {
  deepStrictEqual(
    globSync('services/*', { cwd: app }).map((path) => path.replace('services/', '')),
    [name],
  );
  deepStrictEqual(globSync('{packages,services}/*/{test,**/*.test.ts}', { cwd: app, exclude: isLibrary }), []);
  for (const tool of ['jest', 'prisma', 'typescript', '@biomejs+biome', '@swc+core', 'node']) {
    deepStrictEqual(globSync(`node_modules/.pnpm/${tool}@*`, { cwd: app }), [], `${tool} is not in the image`);
  }
  ok(!existsSync(join(app, 'packages/e2e')) && !existsSync(join(app, 'packages/loopback')));
}

/**
 * Checks that the bill of materials names every package in the image. It may name more: packages for other machines.
 */
async function checkBill(name: string, app: string): Promise<void> {
  const file = join(folder, `${name}.cdx.json`);
  await writeBill(name, file);
  const { bomFormat, specVersion, components } = JSON.parse(readFileSync(file, 'utf8'));
  deepStrictEqual([bomFormat, specVersion], ['CycloneDX', '1.6']);
  const listed = new Set<string>(
    components
      .filter(({ group }: Component) => group !== '@toolplane')
      .map(({ group, name: own, version }: Component) => `${group === undefined ? '' : `${group}/`}${own}@${version}`),
  );
  const packages = globSync('node_modules/.pnpm/*/node_modules/{*,@*/*}/package.json', { cwd: app })
    .filter((path) => lstatSync(join(app, path, '..')).isDirectory())
    .map((path) => JSON.parse(readFileSync(join(app, path), 'utf8')))
    .map(({ name: own, version }: Component) => `${own}@${version}`);
  const unlisted = packages.filter((it) => !listed.has(it));
  deepStrictEqual(unlisted, [], 'packages that the bill of materials does not name');
  ok(packages.length > 50);
}

/** Checks that the image contains the console, with the files that its page names and with their licences. */
async function checkConsole(port: number, app: string): Promise<void> {
  const url = `http://127.0.0.1:${port}/console/`;
  const page = await (await fetch(url)).text();
  const [, script = ''] = /<script type="module"[^>]* src="([^"]+)"/.exec(page) ?? [];
  const { status, headers } = await fetch(new URL(script, url));
  deepStrictEqual(
    [status, headers.get('content-type')],
    [200, 'text/javascript; charset=utf-8'],
    'the console is there',
  );
  ok(readFileSync(join(app, 'console/licenses.md'), 'utf8').includes('@mantine/core'));
}

/** Checks that the image contains the command line tool, which states its licences. */
async function checkCli(port: number): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/cli/toolplane.mjs`);
  const text = await answer.text();
  ok(answer.status === 200 && text.includes('## commander'), 'the command line tool is there');
}

type Component = { group?: string; name: string; version: string };

function isLibrary(path: string): boolean {
  return path.endsWith('node_modules');
}

async function untilReady(name: string, port: number | undefined): Promise<void> {
  const until = Date.now() + READY_MS_MAX;
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    if (answer?.status === 200) return;
    ok(Date.now() < until, `${name} is not ready: ${await answer?.text()}`);
    await delay(100);
  }
}
