import { nameOf } from './pod-rules.ts';
import type { ManifestRule } from './policy.ts';
import { type KubernetesManifest, type PodSpec, selects, workloadsOf } from './read-manifests.ts';

/** The time that a service needs after it has drained. */
const REST_MS = 5000;

export const uptimeRules: Record<string, ManifestRule> = {
  'what runs, and what it is told, can be rolled out by the name of its service': (manifests) =>
    workloadsOf(manifests)
      .flatMap(({ metadata: { name }, pod }) => {
        const configMaps = pod.containers.flatMap(({ envFrom = [] }) => envFrom.map((it) => it.configMapRef?.name));
        return manifests
          .filter((it) => (it.kind === 'ConfigMap' ? configMaps.includes(it.metadata.name) : it.metadata.name === name))
          .filter(({ kind, metadata }) => OF_A_SERVICE.includes(kind) && metadata.labels?.[NAME_LABEL] !== name);
      })
      .map(nameOf),
  'a service has two pods at least, also when it is scaled down': (manifests) =>
    deploymentsOf(manifests)
      .filter((deployment) => {
        const scalers = scalersOf(manifests, deployment);
        const counts = scalers.map(({ spec }) => spec?.minReplicas ?? spec?.minReplicaCount);
        return (scalers.length > 0 ? counts : [deployment.spec?.replicas]).some((count) => !(Number(count) >= 2));
      })
      .map(nameOf),
  'a service that is scaled is scaled by one': (manifests) =>
    deploymentsOf(manifests)
      .filter((deployment) => scalersOf(manifests, deployment).length > 1)
      .map(nameOf),
  'a rollout does not set anew how many pods the autoscaler has made': (manifests) =>
    deploymentsOf(manifests)
      .filter((deployment) => deployment.spec?.replicas !== undefined && scalersOf(manifests, deployment).length > 0)
      .map(nameOf),
  'nodes that are emptied take one pod of a service at a time': (manifests) =>
    deploymentsOf(manifests)
      .filter(
        ({ labels }) =>
          !manifests.some(
            ({ kind, spec }) =>
              kind === 'PodDisruptionBudget' && spec?.maxUnavailable === 1 && selects(spec.selector, labels),
          ),
      )
      .map(nameOf),
  'a pod that is not ready keeps no node from being emptied': (manifests) =>
    manifests
      .filter(({ kind }) => kind === 'PodDisruptionBudget')
      .filter(({ spec }) => spec?.unhealthyPodEvictionPolicy !== 'AlwaysAllow')
      .map(nameOf),
  'an update takes no pod away before the next one is ready': (manifests) =>
    deploymentsOf(manifests)
      .filter(({ spec }) => spec?.strategy?.rollingUpdate?.maxUnavailable !== 0)
      .map(nameOf),
  'a pod gets the time that its settings let it take to end, and some more': (manifests) =>
    deploymentsOf(manifests)
      .filter(({ pod }) => (pod.terminationGracePeriodSeconds ?? 0) * 1000 < drainMsOf(manifests, pod) + REST_MS)
      .map(nameOf),
  'what balancers reach serves on for 5 s when it is asked to end, so that they notice': (manifests) =>
    deploymentsOf(manifests)
      .filter(({ pod }) => pod.containers.some(({ ports = [] }) => ports.some(({ name }) => name === 'http')))
      .filter(({ pod }) => {
        const preStopMs = (pod.containers[0]?.lifecycle?.preStop?.sleep?.seconds ?? 0) * 1000;
        return preStopMs + Number(settingsOf(manifests, pod)['DRAIN_DELAY_MS'] ?? 0) < 5000;
      })
      .map(nameOf),
  'images that customers use are named by digest': (manifests) =>
    workloadsOf(manifests)
      .filter(({ pod }) => pod.containers.some(({ image }) => !/@sha256:[0-9a-f]{64}$/.test(image)))
      .map(nameOf),
};

const OF_A_SERVICE = ['ConfigMap', 'Deployment', 'Job', 'ServiceAccount'];
const NAME_LABEL = 'app.kubernetes.io/name';
const SCALERS = ['HorizontalPodAutoscaler', 'ScaledObject'];

export function deploymentsOf(manifests: KubernetesManifest[]) {
  return workloadsOf(manifests).filter(({ kind }) => kind === 'Deployment');
}

export function scalersOf(
  manifests: KubernetesManifest[],
  { metadata: { name } }: KubernetesManifest,
): KubernetesManifest[] {
  return manifests.filter(({ kind, metadata }) => SCALERS.includes(kind) && metadata.name === name);
}

/** The settings in the ConfigMaps of a pod. */
export function settingsOf(manifests: KubernetesManifest[], { containers }: PodSpec): Record<string, string> {
  const names = containers.flatMap(({ envFrom = [] }) => envFrom.map(({ configMapRef }) => configMapRef?.name));
  const maps = manifests.filter(({ kind, metadata }) => kind === 'ConfigMap' && names.includes(metadata.name));
  return Object.assign({}, ...maps.map(({ data }) => data));
}

function drainMsOf(manifests: KubernetesManifest[], pod: PodSpec): number {
  const settings = settingsOf(manifests, pod);
  const named = ['DRAIN_DELAY_MS', 'DRAIN_MS', 'SHUTDOWN_GRACE_MS'].map((name) => Number(settings[name] ?? 0));
  const preStopMs = (pod.containers[0]?.lifecycle?.preStop?.sleep?.seconds ?? 0) * 1000;
  return named.reduce((sum, ms) => sum + ms, preStopMs);
}
