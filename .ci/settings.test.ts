import { describe, expect, test } from '@jest/globals';
import type { z } from 'zod';
import { toDeploymentKeys } from '../infra/local/deployment/deployment-keys.ts';
import { type Overlay, overlays } from '../infra/local/k8s/render.ts';
import {
  controlPlaneConfigSchema,
  migrationConfigSchema,
  readControlPlaneConfig,
  readMigrationConfig,
} from '../services/control-plane/src/config.ts';
import { dataPlaneConfigSchema, readDataPlaneConfig } from '../services/data-plane/src/config.ts';
import { storeSettingsSchema } from '../services/data-plane/src/secrets/store-settings.ts';
import { edgeConfigSchema, readEdgeConfig } from '../services/edge/src/config.ts';
import { readCompose } from './compose.ts';
import { targetsOf } from './images/dockerfile-rules.ts';
import { readStages } from './images/read-stages.ts';
import { readManifests, type Strings, workloadsOf } from './manifests/read-manifests.ts';
import { leftToDefault, notOurs, ofImages } from './settings/left-to-default.ts';
import { settingNames } from './settings/setting-names.ts';

/** Checks that deployments set only what services read, and that no setting of a service is forgotten. */

type Service = { schemas: z.ZodType[]; read: (environment: Strings) => unknown };
const services: Record<string, Service> = {
  edge: { schemas: [edgeConfigSchema], read: readEdgeConfig },
  'data-plane': { schemas: [dataPlaneConfigSchema, storeSettingsSchema], read: readDataPlaneConfig },
  'control-plane': { schemas: [controlPlaneConfigSchema], read: readControlPlaneConfig },
  migration: { schemas: [migrationConfigSchema], read: readMigrationConfig },
};
const keys = await toDeploymentKeys({
  redis: 'rediss://redis:6379',
  postgresql: 'postgresql://postgresql:5432/toolplane',
});

type Deployed = { config: Strings; secrets: string[] };

/** The deployed settings, by the name of the workload. */
function readKubernetes(overlay: Overlay): Map<string, Deployed> {
  const manifests = readManifests(overlay);
  const maps = new Map(
    manifests.filter(({ kind }) => kind === 'ConfigMap').map(({ metadata, data = {} }) => [metadata.name, data]),
  );
  return new Map(
    workloadsOf(manifests)
      .filter(({ metadata }) => metadata.name in services)
      .map(({ metadata, pod }) => {
        const [container] = pod.containers;
        const config = (container?.envFrom ?? []).map(({ configMapRef }) => maps.get(configMapRef?.name ?? ''));
        return [
          metadata.name,
          { config: Object.assign({}, ...config), secrets: (container?.env ?? []).map(({ name }) => name) },
        ];
      }),
  );
}

function readComposed(): Map<string, Deployed> {
  const { services: composed } = readCompose();
  return new Map(
    Object.entries(composed)
      .filter(([name]) => name in services)
      .map(([name, { environment = {} }]) => [name, { config: environment, secrets: Object.keys(keysOf(name)) }]),
  );
}

/** Parses the generated keys as `kubectl create secret --from-env-file` and Compose do. */
function keysOf(name: string): Strings {
  const lines = (keys[`${name}.env`] ?? '').trimEnd().split('\n');
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

const knownNames = (name: string) => (services[name]?.schemas ?? []).flatMap(settingNames);
const places = [
  ...overlays.map((overlay) => ({ place: `the overlay ${overlay}`, deployed: readKubernetes(overlay) })),
  { place: 'compose.yaml', deployed: readComposed() },
];

describe.each(places)('$place', ({ deployed }) => {
  test('sets only what the service reads', () => {
    const unknown = [...deployed].flatMap(([name, { config, secrets }]) =>
      [...Object.keys(config), ...secrets]
        .filter((it) => !knownNames(name).includes(it) && !notOurs.includes(it))
        .map((it) => `${name}: ${it}`),
    );
    expect(unknown).toEqual([]);
  });

  test.each([...deployed])(
    'gives %s settings that it can start with, given the keys of `npm run keys`',
    (name, { config, secrets }) => {
      const given = Object.entries(keysOf(name)).filter(([key]) => secrets.includes(key));
      expect(() => services[name]?.read({ ...Object.fromEntries(given), ...config })).not.toThrow();
    },
  );
});

test('images set only what a service or Node reads', () => {
  const set = targetsOf(readStages()).flatMap(({ instructions }) =>
    instructions
      .filter(({ keyword }) => keyword === 'ENV')
      .flatMap(({ words }) => words.map((it) => it.split('=')[0] ?? '')),
  );
  expect(set.filter((name) => !notOurs.includes(name) && !ofImages.includes(name))).toEqual([]);
});

test('every setting of a service is set in production, or left at its default on purpose', () => {
  const named = [...readKubernetes('production'), ...readKubernetes('production-pool')];
  for (const name of Object.keys(services)) {
    const set = named.flatMap(([it, { config, secrets }]) => (it === name ? [...Object.keys(config), ...secrets] : []));
    const left = leftToDefault[name] ?? [];
    const forgotten = knownNames(name).filter(
      (it) => !set.includes(it) && !left.includes(it) && !ofImages.includes(it),
    );
    expect([name, forgotten]).toEqual([name, []]);
    expect([name, left.filter((it) => set.includes(it) || !knownNames(name).includes(it))]).toEqual([name, []]);
  }
});

test('the container ports are those that the services listen on by default', () => {
  const ports = workloadsOf(readManifests('production')).flatMap(({ metadata, pod }) =>
    pod.containers.flatMap(({ ports: open = [] }) => open.map((it) => [metadata.name, it.name, it.containerPort])),
  );
  expect(ports.toSorted()).toEqual([
    ['control-plane', 'health', controlPlaneConfigSchema.shape.HEALTH_PORT.parse(undefined)],
    ['control-plane', 'http', controlPlaneConfigSchema.shape.PORT.parse(undefined)],
    ['data-plane', 'health', dataPlaneConfigSchema.shape.HEALTH_PORT.parse(undefined)],
    ['edge', 'health', edgeConfigSchema.shape.HEALTH_PORT.parse(undefined)],
    ['edge', 'http', edgeConfigSchema.shape.PORT.parse(undefined)],
  ]);
});
