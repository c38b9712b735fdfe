import type { Manifest } from './read-manifests.ts';

/**
 * The module of the published Kubernetes types for each API version; `custom-kinds.ts` checks the versions that are
 * missing here.
 */
const modules: Record<string, string> = {
  'apps/v1': 'apps/v1',
  'autoscaling/v2': 'autoscaling/v2',
  'batch/v1': 'batch/v1',
  'networking.k8s.io/v1': 'networking/v1',
  'policy/v1': 'policy/v1',
  v1: 'core/v1',
};

export function hasPublishedType({ apiVersion }: Manifest): boolean {
  return apiVersion in modules;
}

/** Returns a module in which every manifest is a literal of its type, so that the compiler finds unknown members. */
export function toTypeModule(manifests: Manifest[]): string {
  const known = manifests.filter(hasPublishedType);
  const kinds = [...new Set(known.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`))];
  const imports = kinds.map((each, index) => {
    const [apiVersion = '', kind] = each.split(' ');
    return `import type { ${kind} as K${index} } from 'kubernetes-types/${modules[apiVersion]}.d.ts';`;
  });
  const literals = known.map((manifest) => {
    const type = kinds.indexOf(`${manifest.apiVersion} ${manifest.kind}`);
    return `(${JSON.stringify(manifest, null, 1)}) satisfies K${type};`;
  });
  return [...imports, ...literals, ''].join('\n');
}
