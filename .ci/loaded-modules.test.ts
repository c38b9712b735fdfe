import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from '@jest/globals';

/*
 * What a service loads before it reads its settings. A service that loads less starts sooner, and code that is not
 * loaded cannot be misused: the service that holds secrets has no web framework in its memory.
 */

const project = join(import.meta.dirname, '..');

/** The names of all modules that a service loads: `node_modules/express/index.js`, `packages/bus/src/index.ts`. */
function modulesOf(service: string): string[] {
  const script = `
    import { registerHooks } from 'node:module';
    const urls = [];
    registerHooks({ load(url, context, next) { urls.push(url); return next(url, context); } });
    await import(${JSON.stringify(join(project, 'services', service, 'src', 'service.ts'))});
    process.stdout.write(JSON.stringify(urls), () => process.exit(0));`;
  const flags = ['--conditions=toolplane-source', '--disable-warning=ExperimentalWarning', '--input-type=module'];
  const urls = JSON.parse(
    execFileSync(process.execPath, [...flags, '--eval', script], { encoding: 'utf8' }),
  ) as string[];
  return urls.map(toName);
}

function toName(url: string): string {
  const [, ...inPackages] = url.split('/node_modules/');
  return inPackages.length > 0 ? `node_modules/${inPackages.at(-1)}` : url.replace(`${pathToFileURL(project)}/`, '');
}

/** Modules that are loaded only if a collector is configured. */
const EXPORTER = /^node_modules\/@opentelemetry\/(?:exporter|sdk|otlp)/;
const WEB_FRAMEWORK = /^node_modules\/(?:express|koa|helmet)\/|zod-to-openapi/;
/** The compiler, except for the files that it exports separately, which read no document. */
const COMPILER =
  /^packages\/compiler\/(?!src\/(?:connector\/descriptor\/(?:credential-fields|vocabulary)\.ts$|ergonomics\/))/;

describe.each([
  ['edge', { 'an exporter of traces': EXPORTER, 'a web framework': WEB_FRAMEWORK, 'the compiler': COMPILER }],
  [
    'data-plane',
    {
      'an exporter of traces': EXPORTER,
      'a web framework': WEB_FRAMEWORK,
      'the compiler': COMPILER,
      'the client of a secret store': /^node_modules\/(?:got|@aws-sdk)\//,
    },
  ],
  [
    'control-plane',
    {
      'an exporter of traces': EXPORTER,
      'the compiler, which has processes of its own': COMPILER,
      'what reads the certificates of passkeys': /^node_modules\/@(?:simplewebauthn|peculiar)\//,
    },
  ],
])('%s starts without', (service, unwanted) => {
  let modules: string[];
  beforeAll(() => {
    modules = modulesOf(service);
  });

  test.each(Object.entries(unwanted))('%s', (_what, pattern) => {
    expect(modules.length).toBeGreaterThan(500);
    expect(modules.filter((path) => pattern.test(path))).toEqual([]);
  });
});
