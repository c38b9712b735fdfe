import type { KubernetesManifest } from './read-manifests.ts';

/** The module of the published Kubernetes types for each API version. */
const modules: Record<string, string> = {
  'apps/v1': 'apps/v1',
  'autoscaling/v2': 'autoscaling/v2',
  'batch/v1': 'batch/v1',
  'networking.k8s.io/v1': 'networking/v1',
  'policy/v1': 'policy/v1',
  v1: 'core/v1',
};
const customKinds = `import type { CustomKinds } from ${JSON.stringify(`${import.meta.dirname}/custom-kinds.ts`)};`;

/** Returns a module in which every manifest is a literal of its type, so that the compiler finds unknown members. */
export function toTypeModule(manifests: KubernetesManifest[]): string {
  const published = [...new Set(manifests.filter(({ apiVersion }) => apiVersion in modules).map(toKey))];
  const imports = published.map((each, index) => {
    const [apiVersion = '', kind] = each.split(' ');
    return `import type { ${kind} as K${index} } from 'kubernetes-types/${modules[apiVersion]}.d.ts';`;
  });
  const literals = manifests.map((manifest) => {
    const index = published.indexOf(toKey(manifest));
    const type = index === -1 ? `CustomKinds['${manifest.kind}']` : `K${index}`;
    return `(${JSON.stringify(manifest, null, 1)}) satisfies ${type};`;
  });
  return [customKinds, ...imports, ...literals, ''].join('\n');
}

const toKey = ({ apiVersion, kind }: KubernetesManifest) => `${apiVersion} ${kind}`;
