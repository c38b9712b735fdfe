// Plain JavaScript, so that any Node from version 20 can run it: installs the packages, then hands over to the Node 24
// that is one of them. Used by the npm scripts of package.json: `node infra/local/run.mjs <task> [arguments]`.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const project = join(folder, '..', '..');

const [task = '', ...taskArguments] = process.argv.slice(2);
if (Number(process.versions.node.split('.')[0]) < 20) fail(`Node 20 or newer is needed, this is ${process.version}.`);
const script = join(folder, `${task}.ts`);
if (!existsSync(script)) fail(`There is no task "${task}".`);
installPackages();
runTask();

/**
 * The stamp holds the digest of the installed lock file, because a checkout changes a file's time, but not always its
 * content.
 */
function installPackages() {
  const stamp = join(project, 'node_modules', '.toolplane-installed');
  const digest = createHash('sha256')
    .update(readFileSync(join(project, 'pnpm-lock.yaml')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  process.stderr.write('Installing packages…\n');
  const startedAt = performance.now();
  // npm passes its log level on to the processes it starts; a failed install must be able to print the reason.
  const environment = { ...process.env, npm_config_loglevel: 'error', CI: 'true' };
  const install = ['--yes', '--loglevel=error', 'pnpm@12.21.0', 'install', '--frozen-lockfile'];
  const { status, error } = spawnSync('npx', install, { cwd: project, env: environment, stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    const why = error?.message ?? `pnpm install: exit ${status}`;
    fail(`The packages could not be installed (${why}). Check the network and the space on the disk, then try again.`);
  }
  writeFileSync(stamp, digest);
  process.stderr.write(`✓ packages ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`);
}

function runTask() {
  const flags = ['--conditions=toolplane-source', '--disable-warning=ExperimentalWarning'];
  const node = join(project, 'node_modules', 'node', 'bin', 'node');
  const child = spawn(node, [...flags, script, ...taskArguments], { cwd: project, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  stopWithNpm(() => child.kill('SIGTERM'));
  child.on('error', (error) => fail(`Node 24 did not start (${error.message}); remove node_modules and try again.`));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}

/**
 * Stops the task when npm ends. npm forwards SIGINT and SIGTERM (its scripts use `exec`, because a shell in between
 * would not forward them), but npm itself may be killed.
 */
function stopWithNpm(stop) {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const npm = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === npm) return;
    clearInterval(watch);
    stop();
  }, 500);
}

function fail(line) {
  process.stderr.write(`toolplane: ${line}\n`);
  process.exit(1);
}
