import { type KubernetesManifest, parseManifests } from './read-manifests.ts';

type Change = [from: string | RegExp, to: string];

/** For each rule, a change of the text of the rendered production overlay that breaks it. */
const broken: Record<string, Change> = {
  'namespaces enforce restricted pods': ['enforce: restricted', 'enforce: baseline'],
  'everything lies in the namespace that is restricted': ['namespace: toolplane\n', 'namespace: default\n'],
  'no pod is root': ['runAsUser: 65532', 'runAsUser: 0'],
  'system calls are filtered': ['type: RuntimeDefault', 'type: Unconfined'],
  'no pod is in a namespace of its node, or mounts its files': ['enableServiceLinks: false', 'hostNetwork: true'],
  'nobody gets rights that it did not start with': ['allowPrivilegeEscalation: false', 'privileged: true'],
  'the file system of an image cannot be written': ['readOnlyRootFilesystem: true', 'readOnlyRootFilesystem: false'],
  'containers have no capability': ['            - ALL', '            - NET_RAW'],
  'containers ask for CPU and memory, and have limits': [/ {10}limits:\n.*\n.*\n/, ''],
  'what stays is looked at: started, alive, ready': ['livenessProbe:', 'x-livenessProbe:'],
  'services are asked at their health port': ['path: /readyz', 'path: /'],
  'process 1 is that of the image: no shell or npm between': ['envFrom:', 'command: [sh]\n        envFrom:'],
  'images are of a version': [/:1\.0\.0@sha256:0+/, ':latest'],
  'no secret is in a ConfigMap': ['HOST: 0.0.0.0', 'API_KEY_PEPPER: x'],
  'no secret is in a manifest: neither as an object nor as a value of a variable': ['kind: Ingress', 'kind: Secret'],
  'a pod gets only the Secrets of its own name': [/(key: API_KEY_PEPPER\n +name: )control-plane/, '$1edge'],
  'every workload has a service account of its own': ['serviceAccountName: edge', 'serviceAccountName: data-plane'],
  'no pod has a token for the API of Kubernetes; only the data plane may have one, for its secret store': [
    'automountServiceAccountToken: false',
    'automountServiceAccountToken: true',
  ],
  "of the pods the data plane alone has a role in the cloud, which may use tenants' secrets": [
    'serviceAccountName: edge',
    'serviceAccountName: settings',
  ],
  'nobody may read Secrets through the API of Kubernetes': [
    /$/,
    '\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: x\nrules:\n- resources: [secrets]\n',
  ],
  'every Secret that a pod asks for is made by the operator of secrets, of the settings of that service alone': [
    'key: toolplane-settings/production/edge',
    'key: toolplane-settings/production/control-plane',
  ],
  'by default nothing is let in and nothing out': [
    '  podSelector: {}\n  policyTypes:\n  - Ingress',
    '  podSelector: {}\n  policyTypes:\n  - X',
  ],
  'the data plane alone reaches the internet': ['cidr: 10.20.96.0/24', 'cidr: 8.8.8.8/32'],
  'the data plane reaches the internet without what is inside': ['        - 169.254.0.0/16\n', ''],
  'no rule lets everybody in or out': ['kubernetes.io/metadata.name: ingress-nginx', '{}'],
  'nobody calls a data plane: only Prometheus reaches it, at the health port': [
    'port: 9082\n      protocol',
    'port: 80\n      protocol',
  ],
  'PostgreSQL is reached by the control plane and by what migrates': [
    /- control-plane\n( +)- migration/,
    '- control-plane\n$1- edge',
  ],
  'health ports are for Prometheus: neither an Ingress nor anybody else reaches them': [
    'name: http\n        path: /',
    'name: health\n        path: /',
  ],
  'an Ingress passes streams on as they come, waits longer than a call may take, and never sends a call twice': [
    'proxy-read-timeout: "3600"',
    'proxy-read-timeout: "60"',
  ],
  'what runs, and what it is told, can be rolled out by the name of its service': [
    /(kind: Deployment\nmetadata:\n {2}labels:\n) {4}app.kubernetes.io\/name: .*\n/,
    '$1',
  ],
  'a service has two pods at least, also when it is scaled down': ['replicas: 2', 'replicas: 1'],
  'a service that is scaled is scaled by one': [
    /kind: HorizontalPodAutoscaler\nmetadata:\n(.*\n)+? {2}name: edge/,
    'kind: HorizontalPodAutoscaler\nmetadata:\n  name: data-plane',
  ],
  'a rollout does not set anew how many pods the autoscaler has made': [
    /(kind: Deployment\n(?:.*\n)+? {2}name: edge\n(?:.*\n)+?spec:\n)/,
    '$1  replicas: 3\n',
  ],
  'nodes that are emptied take one pod of a service at a time': ['maxUnavailable: 1', 'maxUnavailable: 2'],
  'a pod that is not ready keeps no node from being emptied': ['AlwaysAllow', 'IfHealthyBudget'],
  'an update takes no pod away before the next one is ready': ['maxUnavailable: 0', 'maxUnavailable: 1'],
  'a pod gets the time that its settings let it take to end, and some more': ['DRAIN_MS: "50000"', 'DRAIN_MS: "60000"'],
  'what balancers reach serves on for 5 s when it is asked to end, so that they notice': ['seconds: 5', 'seconds: 1'],
  'as many calls are let in as all data planes that may be started can run': [
    'TOTAL_IN_FLIGHT_MAX: "1000"',
    'TOTAL_IN_FLIGHT_MAX: "400"',
  ],
  'the control plane has memory for what documents may take besides its own': ['memory: 4Gi', 'memory: 1Gi'],
  'what the REST API takes comes through the Ingress': ['proxy-body-size: 64m', 'proxy-body-size: 40m'],
  'images that customers use are named by digest': [/@sha256:0+/, ''],
};

/** Throws if the change does not apply to the text. */
export function breakManifests(text: string, rule: string): KubernetesManifest[] {
  const [from, to] = broken[rule] ?? ['', ''];
  const changed = text.replace(from, to);
  if (changed === text) throw new Error(`no example breaks: ${rule}`);
  return parseManifests(changed);
}
