import { nameOf } from './pod-rules.ts';
import type { ManifestRule } from './policy.ts';
import { type KubernetesManifest, workloadsOf } from './read-manifests.ts';

const ROLE = 'eks.amazonaws.com/role-arn';
/** The account with which the External Secrets Operator reads the services' credentials; no pod has it. */
const OPERATORS_ACCOUNT = 'settings';
const SECRET_NAME = /(_URL|_KEY|_KEYS|_PEPPER|PASSWORD|_TOKEN)$/;
/** Settings that look like secrets by their names but are none. */
const NOT_SECRET = /^(EDGE_PUBLIC_URL|CONTROL_PLANE_PUBLIC_URL|JAEGER_URL|SECRETS_KMS_KEY)$/;

export const secretRules: Record<string, ManifestRule> = {
  'no secret is in a ConfigMap': (manifests) =>
    manifests.filter(({ kind, data = {} }) => kind === 'ConfigMap' && Object.entries(data).some(isSecret)).map(nameOf),
  'no secret is in a manifest: neither as an object nor as a value of a variable': (manifests) => [
    ...manifests.filter(({ kind }) => kind === 'Secret').map(nameOf),
    ...workloadsOf(manifests)
      .filter(({ pod }) =>
        pod.containers.some(({ env = [] }) =>
          env.some(({ name, value }) => value !== undefined && isSecret([name, value])),
        ),
      )
      .map(nameOf),
  ],
  'a pod gets only the Secrets of its own name': (manifests) =>
    workloadsOf(manifests)
      .filter(({ pod, metadata }) =>
        pod.containers.some(({ env = [], envFrom = [] }) =>
          [
            ...env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
            ...envFrom.map(({ secretRef }) => secretRef?.name),
          ].some((name) => name !== undefined && name !== metadata.name),
        ),
      )
      .map(nameOf),
  'every workload has a service account of its own': (manifests) =>
    workloadsOf(manifests)
      .filter(({ pod, metadata }) => pod.serviceAccountName !== metadata.name || !hasAccount(manifests, metadata.name))
      .map(nameOf),
  'no pod has a token for the API of Kubernetes; only the data plane may have one, for its secret store': (
    manifests,
  ) => [
    ...manifests
      .filter(({ kind, automountServiceAccountToken: is }) => kind === 'ServiceAccount' && is !== false)
      .map(nameOf),
    ...workloadsOf(manifests)
      .filter(({ pod, metadata }) => {
        const sources = pod.volumes?.flatMap(({ projected }) => projected?.sources ?? []) ?? [];
        const tokens = sources.flatMap((source) => source['serviceAccountToken'] ?? []);
        const isAllowed = metadata.name === 'data-plane' && tokens.every(({ audience }) => audience === 'vault');
        return pod.automountServiceAccountToken !== false || (tokens.length > 0 && !isAllowed);
      })
      .map(nameOf),
  ],
  "of the pods the data plane alone has a role in the cloud, which may use tenants' secrets": (manifests) =>
    manifests
      .filter(({ kind, metadata }) => kind === 'ServiceAccount' && metadata.annotations?.[ROLE] !== undefined)
      .filter(({ metadata }) => metadata.name !== 'data-plane' && metadata.name !== OPERATORS_ACCOUNT)
      .map(nameOf)
      .concat(
        workloadsOf(manifests)
          .filter(({ pod }) => pod.serviceAccountName === OPERATORS_ACCOUNT)
          .map(nameOf),
      ),
  'nobody may read Secrets through the API of Kubernetes': (manifests) =>
    manifests
      .filter(
        ({ kind, rules = [] }) =>
          /Role$/.test(kind) && rules.some(({ resources = [] }) => /secrets|\*/.test(resources.join())),
      )
      .map(nameOf),
  'every Secret that a pod asks for is made by the operator of secrets, of the settings of that service alone': (
    manifests,
  ) => {
    const made = new Map(
      manifests
        .filter(({ kind }) => kind === 'ExternalSecret')
        .map(({ spec }) => [spec?.target?.name ?? '', spec?.dataFrom?.map(({ extract }) => extract.key) ?? []]),
    );
    if (made.size === 0) return [];
    const asked = workloadsOf(manifests).flatMap(({ pod }) =>
      pod.containers.flatMap(({ env = [] }) => env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef ?? [])),
    );
    return asked
      .filter(({ name }) => !made.get(name)?.every((key) => key.endsWith(`/${name}`)))
      .map(({ name, key }) => `Secret ${name}: ${key}`);
  },
};

function isSecret([name, value]: [string, string]): boolean {
  if (/:\/\/[^/\s]*:[^/\s]*@|-----BEGIN|"d":/.test(value)) return true;
  return SECRET_NAME.test(name) && !NOT_SECRET.test(name);
}

function hasAccount(manifests: KubernetesManifest[], name: string): boolean {
  return manifests.some(({ kind, metadata }) => kind === 'ServiceAccount' && metadata.name === name);
}
