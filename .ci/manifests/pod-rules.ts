import type { ManifestRule } from './policy.ts';
import { type Container, type KubernetesManifest, type PodSpec, workloadsOf } from './read-manifests.ts';

export const podRules: Record<string, ManifestRule> = {
  'namespaces enforce restricted pods': (manifests) =>
    manifests
      .filter(({ kind }) => kind === 'Namespace')
      .filter(({ metadata }) => metadata.labels?.['pod-security.kubernetes.io/enforce'] !== 'restricted')
      .map(nameOf),
  'everything lies in the namespace that is restricted': (manifests) => {
    const namespaces = manifests.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name);
    return manifests
      .filter(({ kind, metadata }) => kind !== 'Namespace' && !namespaces.includes(metadata.namespace ?? ''))
      .map(nameOf);
  },
  'no pod is root': podsWhere(({ securityContext: pod }) => pod?.runAsNonRoot !== true || !(Number(pod.runAsUser) > 0)),
  'system calls are filtered': podsWhere(
    ({ securityContext }) => securityContext?.seccompProfile?.type !== 'RuntimeDefault',
  ),
  'no pod is in a namespace of its node, or mounts its files': podsWhere(
    ({ hostNetwork, hostPID, volumes = [] }) =>
      hostNetwork === true || hostPID === true || volumes.some(({ hostPath }) => hostPath !== undefined),
  ),
  'nobody gets rights that it did not start with': containersWhere(
    ({ securityContext: it }) => it?.allowPrivilegeEscalation !== false || it.privileged === true,
  ),
  'the file system of an image cannot be written': containersWhere(
    ({ securityContext }) => securityContext?.readOnlyRootFilesystem !== true,
  ),
  'containers have no capability': containersWhere(
    ({ securityContext: it }) => it?.capabilities?.drop?.join() !== 'ALL' || (it.capabilities.add?.length ?? 0) > 0,
  ),
  'containers ask for CPU and memory, and have limits': containersWhere(({ resources }) =>
    [resources?.requests, resources?.limits].some((it) => it?.['cpu'] === undefined || it['memory'] === undefined),
  ),
  'what stays is looked at: started, alive, ready': (manifests) =>
    workloadsOf(manifests)
      .filter(({ kind, pod }) => kind !== 'Job' && pod.containers.some((it) => !isProbed(it)))
      .map(nameOf),
  'services are asked at their health port': (manifests) =>
    workloadsOf(manifests)
      .filter(({ kind }) => kind === 'Deployment')
      .filter(({ pod }) => {
        const probes = pod.containers.flatMap((it) => [it.startupProbe, it.livenessProbe, it.readinessProbe]);
        const asked = probes.map((probe) => `${probe?.httpGet?.port} ${probe?.httpGet?.path}`);
        return asked.join() !== ['health /livez', 'health /livez', 'health /readyz'].join();
      })
      .map(nameOf),
  'process 1 is that of the image: no shell or npm between': containersWhere(({ command }) => command !== undefined),
  'images are of a version': containersWhere(
    ({ image }) => !/:(?!latest)[\w][\w.-]*(@sha256:[0-9a-f]{64})?$/.test(image),
  ),
};

export function nameOf({ kind, metadata }: Pick<KubernetesManifest, 'kind' | 'metadata'>): string {
  return `${kind} ${metadata.name}`;
}

function isProbed({ startupProbe, livenessProbe, readinessProbe }: Container): boolean {
  return [startupProbe, livenessProbe, readinessProbe].every((probe) => probe !== undefined);
}

function podsWhere(isWrong: (pod: PodSpec) => boolean): ManifestRule {
  return (manifests) =>
    workloadsOf(manifests)
      .filter(({ pod }) => isWrong(pod))
      .map(nameOf);
}

function containersWhere(isWrong: (container: Container) => boolean): ManifestRule {
  return podsWhere(({ containers, initContainers = [] }) => [...containers, ...initContainers].some(isWrong));
}
