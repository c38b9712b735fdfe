import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { toDeploymentKeys } from '../infra/local/deployment/deployment-keys.ts';
import { composeFolder, composeSchema, readCompose } from './compose.ts';
import { readStages } from './images/read-stages.ts';

/** The Compose file that runs everything in containers on one machine. These tests need no Docker engine. */

const compose = readCompose();
const services = Object.entries(compose.services);

test('has no member that Compose refuses or does not know, and opens no port to other machines', () => {
  const change = (with_: object) => {
    const { edge, ...others } = compose.services;
    return composeSchema.safeParse({ ...compose, services: { ...others, edge: { ...edge, ...with_ } } }).success;
  };
  expect([change({}), change({ enviroment: {} }), change({ ports: ['8081:8081'] })]).toEqual([true, false, false]);
  expect([change({ image: 'x:1', build: undefined }), change({ image: 'x:latest', build: undefined })]).toEqual([
    true,
    false,
  ]);
});

test('names only networks, volumes, services and targets that exist', () => {
  const stages = readStages().map(({ name }) => name);
  const unknown = services.flatMap(([name, { networks = [], volumes = [], depends_on: needs = {}, build }]) => [
    ...networks.filter((it) => !(it in compose.networks)),
    ...Object.keys(needs).filter((it) => !(it in compose.services)),
    ...volumes.map((it) => it.split(':')[0] ?? '').filter((it) => !it.startsWith('.') && !(it in compose.volumes)),
    ...(build === undefined || stages.includes(build.target) ? [] : [`${name}: ${build.target}`]),
  ]);
  expect(unknown).toEqual([]);
});

test('mounts only files of this repository, or files that `npm run keys` writes', async () => {
  const written = Object.keys(
    await toDeploymentKeys({ redis: 'redis://redis', postgresql: 'postgresql://p/toolplane' }),
  );
  const sources = services.flatMap(([, { volumes = [], env_file: file }]) => [
    ...volumes.map((it) => it.split(':')[0] ?? '').filter((it) => it.startsWith('.')),
    ...(file === undefined ? [] : [file]),
  ]);
  const missing = sources.filter((path) => {
    const name = /^\.\.\/\.\.\/\.toolplane\/deployment\/(.+)$/.exec(path)?.[1];
    return name === undefined ? !existsSync(join(composeFolder, path)) : !written.includes(name);
  });
  expect(missing).toEqual([]);
});

test('services of the platform run as in a cluster: read-only, without capabilities, with time to shut down', () => {
  const ours = services.filter(([name]) => ['edge', 'data-plane', 'control-plane'].includes(name));
  expect(ours.map(([, it]) => [it.read_only, it.cap_drop, it.stop_grace_period])).toEqual([
    [true, ['ALL'], '65s'],
    [true, ['ALL'], '80s'],
    [true, ['ALL'], '30s'],
  ]);
});

test('stores cannot reach the internet, and only the data plane has a network for it', () => {
  const inNetwork = (network: string) =>
    services.filter(([, it]) => it.networks?.includes(network)).map(([name]) => name);
  expect(inNetwork('internet')).toEqual(['data-plane']);
  expect(compose.networks['stores']).toEqual({ internal: true });
});

test('Prometheus asks every service at its health port', () => {
  const text = readFileSync(join(composeFolder, 'compose/prometheus.yaml'), 'utf8');
  const { scrape_configs: jobs } = parse(text);
  expect(jobs.map((job: { static_configs: { targets: string[] }[] }) => job.static_configs[0]?.targets[0])).toEqual([
    'edge:9081',
    'data-plane:9082',
    'control-plane:9080',
  ]);
});
