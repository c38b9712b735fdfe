import { nameOf } from './pod-rules.ts';
import type { ManifestRule } from './policy.ts';
import { type KubernetesManifest, type LabelSelector, type Peer, selects, workloadsOf } from './read-manifests.ts';

const HEALTH_PORTS = [9080, 9081, 9082];

export const networkRules: Record<string, ManifestRule> = {
  'by default nothing is let in and nothing out': (manifests) =>
    manifests.some(
      ({ kind, spec }) =>
        kind === 'NetworkPolicy' &&
        isEverything(spec?.podSelector) &&
        spec?.policyTypes?.toSorted().join() === 'Egress,Ingress' &&
        spec.ingress === undefined &&
        spec.egress === undefined,
    )
      ? []
      : ['there is no such policy'],
  'the data plane alone reaches the internet': (manifests) =>
    workloadsOf(manifests)
      .filter(({ metadata }) => metadata.name !== 'data-plane')
      .filter(({ labels }) => peersOf(manifests, 'egress', labels).some(isPublic))
      .map(nameOf),
  'the data plane reaches the internet without what is inside': (manifests) =>
    policiesOf(manifests)
      .flatMap(({ metadata, spec }) =>
        (spec?.egress ?? []).flatMap(({ to = [] }) => to.map((peer) => ({ metadata, peer }))),
      )
      .filter(({ peer }) => /^(0\.0\.0\.0|::)\/0$/.test(peer.ipBlock?.cidr ?? ''))
      .filter(({ peer }) => {
        const { except = [] } = peer.ipBlock ?? {};
        const inside = peer.ipBlock?.cidr.includes(':') === true ? ['8000::/1'] : ['10.0.0.0/8', '169.254.0.0/16'];
        return inside.some((range) => !except.includes(range));
      })
      .map(({ metadata }) => `NetworkPolicy ${metadata.name}`),
  'no rule lets everybody in or out': (manifests) =>
    policiesOf(manifests)
      .filter(({ spec }) =>
        [
          ...(spec?.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports })),
          ...(spec?.egress ?? []).map(({ to, ports }) => ({ peers: to, ports })),
        ].some(({ peers, ports }) => !peers?.length || !ports?.length || peers.some(isAnybody)),
      )
      .map(nameOf),
  'nobody calls a data plane: only Prometheus reaches it, at the health port': (manifests) =>
    policiesOf(manifests)
      .filter(({ spec }) => selects(spec?.podSelector, { 'app.kubernetes.io/name': 'data-plane' }))
      .filter(({ spec }) =>
        (spec?.ingress ?? []).some(
          ({ from = [], ports = [] }) => !from.every(isOfPrometheus) || ports.some(({ port }) => port !== 9082),
        ),
      )
      .map(nameOf),
  'PostgreSQL is reached by the control plane and by what migrates': (manifests) =>
    workloadsOf(manifests)
      .filter(({ metadata }) => !['control-plane', 'migration'].includes(metadata.name))
      .filter(({ labels }) => portsOf(manifests, labels).includes(5432))
      .map(nameOf),
  'health ports are for Prometheus: neither an Ingress nor anybody else reaches them': (manifests) => [
    ...policiesOf(manifests)
      .filter(({ spec }) =>
        (spec?.ingress ?? []).some(
          ({ from = [], ports = [] }) =>
            ports.some(({ port }) => HEALTH_PORTS.includes(port)) && !from.every(isOfPrometheus),
        ),
      )
      .map(nameOf),
    ...manifests
      .filter(({ kind }) => kind === 'Ingress')
      .filter(({ spec }) =>
        spec?.rules?.some(({ http }) => http.paths.some(({ backend }) => backend.service.port.name !== 'http')),
      )
      .map(nameOf),
  ],
  'an Ingress passes streams on as they come, waits longer than a call may take, and never sends a call twice': (
    manifests,
  ) =>
    manifests
      .filter(({ kind }) => kind === 'Ingress')
      .filter(({ metadata: { name, annotations = {} } }) => {
        const setting = (key: string) => annotations[`nginx.ingress.kubernetes.io/${key}`];
        const waitsSeconds = Math.min(Number(setting('proxy-read-timeout')), Number(setting('proxy-send-timeout')));
        const isSentAgain = name === 'edge' && setting('proxy-next-upstream') !== 'off';
        return setting('proxy-buffering') !== 'off' || !(waitsSeconds > 300) || isSentAgain;
      })
      .map(nameOf),
};

function policiesOf(manifests: KubernetesManifest[]): KubernetesManifest[] {
  return manifests.filter(({ kind }) => kind === 'NetworkPolicy');
}

function peersOf(manifests: KubernetesManifest[], way: 'egress', labels: Record<string, string>): Peer[] {
  return policiesOf(manifests)
    .filter(({ spec }) => selects(spec?.podSelector, labels))
    .flatMap(({ spec }) => spec?.[way]?.flatMap(({ to = [] }) => to) ?? []);
}

function portsOf(manifests: KubernetesManifest[], labels: Record<string, string>): number[] {
  return policiesOf(manifests)
    .filter(({ spec }) => selects(spec?.podSelector, labels))
    .flatMap(({ spec }) => spec?.egress?.flatMap(({ ports = [] }) => ports.map(({ port }) => port)) ?? []);
}

/** Whether a peer is an address outside of the private networks. */
function isPublic({ ipBlock }: Peer): boolean {
  return ipBlock !== undefined && !/^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|f[cd])/.test(ipBlock.cidr);
}

function isOfPrometheus({ namespaceSelector }: Peer): boolean {
  return namespaceSelector?.matchLabels?.['kubernetes.io/metadata.name'] === 'monitoring';
}

function isAnybody({ ipBlock, podSelector, namespaceSelector }: Peer): boolean {
  if (ipBlock !== undefined) return ipBlock.except === undefined && ipBlock.cidr.endsWith('/0');
  return [podSelector, namespaceSelector].every((it) => it === undefined || isEverything(it));
}

function isEverything(selector: LabelSelector | undefined): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  return selector !== undefined && Object.keys(matchLabels).length + matchExpressions.length === 0;
}
