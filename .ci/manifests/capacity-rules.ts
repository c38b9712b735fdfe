import { IMPORT_BODY_BYTES_MAX } from '../../services/control-plane/src/connectors/import-route.ts';
import { COMPILING_MB_MAX } from '../../services/control-plane/src/servers/documents/compiling/compiler.ts';
import { nameOf } from './pod-rules.ts';
import type { ManifestRule } from './policy.ts';
import { deploymentsOf, scalersOf, settingsOf } from './uptime-rules.ts';

/** Memory that the control plane's own process may use: V8 lets its heap grow to half of the container's limit. */
const OWN_MB = 2048;
const BYTES_OF_MIB = 1024 * 1024;

/** The resources are enough for the load that the services accept. */
export const capacityRules: Record<string, ManifestRule> = {
  'as many calls are let in as all data planes that may be started can run': (manifests) => {
    const running = deploymentsOf(manifests)
      .filter(({ metadata }) => metadata.name === 'data-plane')
      .flatMap((deployment) =>
        scalersOf(manifests, deployment).map(({ spec }) => {
          const pods = spec?.maxReplicas ?? spec?.maxReplicaCount ?? Number.POSITIVE_INFINITY;
          return pods * Number(settingsOf(manifests, deployment.pod)['CONCURRENCY']);
        }),
      );
    return deploymentsOf(manifests)
      .filter(({ metadata }) => metadata.name === 'edge')
      .filter(({ pod }) => !(Number(settingsOf(manifests, pod)['TOTAL_IN_FLIGHT_MAX']) >= Math.max(...running)))
      .map(nameOf);
  },
  'the control plane has memory for what documents may take besides its own': (manifests) =>
    deploymentsOf(manifests)
      .filter(({ metadata }) => metadata.name === 'control-plane')
      .filter(({ pod }) => {
        const limit = pod.containers[0]?.resources?.limits?.['memory'] ?? '';
        return !(Number(/^(\d+)Gi$/.exec(limit)?.[1]) * 1024 >= COMPILING_MB_MAX + OWN_MB);
      })
      .map(nameOf),
  'what the REST API takes comes through the Ingress': (manifests) =>
    manifests
      .filter(({ kind, metadata }) => kind === 'Ingress' && metadata.name === 'control-plane')
      .filter(({ metadata: { annotations = {} } }) => {
        const size = annotations['nginx.ingress.kubernetes.io/proxy-body-size'] ?? '';
        return !(Number(/^(\d+)m$/.exec(size)?.[1]) * BYTES_OF_MIB >= IMPORT_BODY_BYTES_MAX);
      })
      .map(nameOf),
};
