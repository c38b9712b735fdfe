import { USUAL_PORTS } from './egress-settings.ts';
import { type RefusedRange, refusedRangesV4, refusedRangesV6 } from './refused-ranges.ts';

/** The path relative to the root of the repository. */
export const NETWORK_POLICY_FILE = 'k8s/base/data-plane/internet-network-policy.yaml';

/**
 * The second line of defence behind the guard: even a compromised data plane, or one whose guard has a hole, reaches
 * nothing internal. The policy does not know host names, so separate policies allow whatever a deployment reaches in
 * addition to upstreams.
 */
export function toNetworkPolicy(): string {
  return `# Written by services/data-plane/src/write-network-policy.ts from the list of the guard; do not edit.
#
# What tools may reach: the addresses that services/data-plane/src/egress/refused-ranges.ts does not refuse, and DNS.
# Policies add up. Redis, the OTLP receiver, the secret store and, on EKS, Pod Identity (169.254.170.23, which the data
# plane itself needs and tools never get) are allowed by policies of the deployment. Behind a proxy (EGRESS_PROXY_URL)
# leave this one out and allow DNS and the proxy.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: data-plane-egress
spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/name: data-plane
  policyTypes:
    - Egress
  egress:
    - to:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: kube-system
          podSelector:
            matchLabels:
              k8s-app: kube-dns
      ports:
        - protocol: UDP
          port: 53
        - protocol: TCP
          port: 53
    - to:
${blockOf('0.0.0.0/0', refusedRangesV4)}
${blockOf('::/0', refusedRangesV6)}
      ports:
${USUAL_PORTS.map(portOf).join('\n')}
`;
}

function blockOf(cidr: string, except: readonly RefusedRange[]): string {
  const lines = except.map(([range, reason]) => `              - '${range}' # ${reason}`);
  return [`        - ipBlock:`, `            cidr: '${cidr}'`, `            except:`, ...lines].join('\n');
}

function portOf(port: number): string {
  return `        - protocol: TCP\n          port: ${port}`;
}
