import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { type Overlay, renderedPath } from '../../infra/local/k8s/render.ts';

/** The members that rules read; types are checked separately. */
export type KubernetesManifest = {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Strings; annotations?: Strings };
  spec?: Spec;
  data?: Strings;
  stringData?: Strings;
  rules?: { resources?: string[] }[];
  automountServiceAccountToken?: boolean;
};

export type Strings = Record<string, string>;

export type Spec = {
  replicas?: number;
  minReplicas?: number;
  minReplicaCount?: number;
  maxReplicas?: number;
  maxReplicaCount?: number;
  maxUnavailable?: number | string;
  unhealthyPodEvictionPolicy?: string;
  strategy?: { rollingUpdate?: { maxUnavailable?: number | string } };
  selector?: { matchLabels?: Strings } & Strings;
  template?: { metadata: { labels: Strings }; spec: PodSpec };
  podSelector?: LabelSelector;
  policyTypes?: string[];
  ingress?: { from?: Peer[]; ports?: { port: number }[] }[];
  egress?: { to?: Peer[]; ports?: { port: number }[] }[];
  target?: { name: string };
  dataFrom?: { extract: { key: string } }[];
  ports?: { port: number; targetPort: string }[];
  rules?: { http: { paths: { backend: { service: { name: string; port: { name?: string; number?: number } } } }[] } }[];
};

export type LabelSelector = {
  matchLabels?: Strings;
  matchExpressions?: { key: string; operator: string; values: string[] }[];
};

export type Peer = {
  ipBlock?: { cidr: string; except?: string[] };
  podSelector?: LabelSelector;
  namespaceSelector?: LabelSelector;
};

type SecurityContext = {
  runAsNonRoot?: boolean;
  runAsUser?: number;
  seccompProfile?: { type: string };
  allowPrivilegeEscalation?: boolean;
  readOnlyRootFilesystem?: boolean;
  privileged?: boolean;
  capabilities?: { drop?: string[]; add?: string[] };
};

export type PodSpec = {
  serviceAccountName?: string;
  automountServiceAccountToken?: boolean;
  enableServiceLinks?: boolean;
  hostNetwork?: boolean;
  hostPID?: boolean;
  terminationGracePeriodSeconds?: number;
  securityContext?: SecurityContext;
  containers: Container[];
  initContainers?: Container[];
  volumes?: { name: string; hostPath?: unknown; projected?: { sources: Record<string, { audience?: string }>[] } }[];
};

export type Container = {
  name: string;
  image: string;
  command?: string[];
  ports?: { name: string; containerPort: number }[];
  envFrom?: { configMapRef?: { name: string }; secretRef?: { name: string } }[];
  env?: {
    name: string;
    value?: string;
    valueFrom?: { secretKeyRef?: { name: string; key: string; optional?: boolean } };
  }[];
  lifecycle?: { preStop?: { sleep?: { seconds: number } } };
  startupProbe?: Probe;
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  resources?: { requests?: Strings; limits?: Strings };
  securityContext?: SecurityContext;
};

type Probe = { httpGet?: { path: string; port: string | number }; tcpSocket?: { port: string | number } };

export function parseManifests(text: string): KubernetesManifest[] {
  return parseAllDocuments(text).map((document) => document.toJS() as KubernetesManifest);
}

export function readManifests(overlay: Overlay): KubernetesManifest[] {
  return parseManifests(readFileSync(renderedPath(overlay), 'utf8'));
}

/** The manifests that run pods: deployments, stateful sets and jobs. */
export function workloadsOf(
  manifests: KubernetesManifest[],
): (KubernetesManifest & { pod: PodSpec; labels: Strings })[] {
  return manifests.flatMap((manifest) => {
    const template = manifest.spec?.template;
    return template?.spec?.containers === undefined
      ? []
      : [{ ...manifest, pod: template.spec, labels: template.metadata.labels }];
  });
}

/** Whether a selector of a NetworkPolicy or a disruption budget matches pods with these labels. */
export function selects(selector: LabelSelector | undefined, labels: Strings): boolean {
  if (selector === undefined) return false;
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, values }) => values.includes(labels[key] ?? ''))
  );
}
