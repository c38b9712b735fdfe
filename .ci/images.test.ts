import { globSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { projectFolder } from '../infra/local/services.ts';
import { isInContext } from './images/context.ts';
import { brokenDockerfileRules, dockerfileRules, targetsOf } from './images/dockerfile-rules.ts';
import { dockerfile, readStages } from './images/read-stages.ts';

/** What goes into the images. `.ci/gates/images.ts` builds them. */

/** A Dockerfile that breaks the rule, derived from the correct one. */
const broken: Record<keyof typeof dockerfileRules, [from: string | RegExp, to: string]> = {
  'is a Dockerfile without a warning': ['EXPOSE 8081 9081', 'EXPOSE http'],
  'every image comes from a version, by an argument that can be a digest': [/node:[\d.]+-slim/, 'node:latest'],
  'no process of an image is root, and the user is a number, which Kubernetes can check': [
    'USER 65532:65532',
    'USER 0',
  ],
  'process 1 is Node: no shell stands between it and SIGTERM': [
    /ENTRYPOINT \["\/nodejs\/bin\/node".*/,
    'ENTRYPOINT ["npm", "start"]',
  ],
  'what runs is built elsewhere: no command runs in an image that is delivered': [
    'USER 65532:65532',
    'RUN true\nUSER 65532:65532',
  ],
  'packages are those of the lock file, and no script of a package runs': [' --ignore-scripts', ''],
  'all but the tools that make the database client, the console and the command line tool installs what runs only': [
    ' --prod',
    '',
  ],
  'probes are those of the cluster': ['EXPOSE 8081', 'HEALTHCHECK CMD true\nEXPOSE 8081'],
  'nothing is fetched by address, and nothing unpacked': ['COPY packages', 'ADD https://example.test/x.tar'],
  'no argument or variable is a secret': ['ARG TOOLPLANE_REVISION', 'ARG NPM_TOKEN=\nARG TOOLPLANE_REVISION'],
  'every image says which revision it is': ['org.opencontainers.image.revision', 'org.example'],
};

describe('the Dockerfile (T35)', () => {
  const found = brokenDockerfileRules(dockerfile);

  test.each(Object.keys(dockerfileRules))('%s', (rule) => {
    expect(found).not.toContain(rule);
    const [from, to] = broken[rule] ?? ['', ''];
    expect(brokenDockerfileRules(dockerfile.replace(from, () => to))).toContain(rule);
  });

  test('has an image for each service', () => {
    // The console has no process: it consists of files that the control plane serves.
    const services = globSync('services/*/src/main.ts', { cwd: projectFolder }).map((path) => path.split('/')[1] ?? '');
    expect(
      targetsOf(readStages())
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(services.toSorted());
  });

  test('receives sources, and no keys, no tests and nothing that was built on this machine', () => {
    const isGiven = (path: string) => isInContext(join(projectFolder, path));
    const given = ['package.json', 'pnpm-lock.yaml', 'packages/bus/src/index.ts', 'services/edge/src/main.ts'];
    expect(given.filter((path) => !isGiven(path))).toEqual([]);
    const kept = [
      '.git/config',
      '.toolplane/keys.json',
      '.env',
      'infra/redis/users.acl',
      'node_modules/x/index.js',
      'services/edge/node_modules/x/index.js',
      'services/control-plane/src/generated/client.ts',
      'services/console/dist/index.html',
      'packages/cli/dist/toolplane.mjs',
      'services/edge/src/config.test.ts',
      'services/edge/test/x.ts',
      'packages/e2e/src/x.ts',
    ];
    expect(kept.filter(isGiven)).toEqual([]);
  });
});
