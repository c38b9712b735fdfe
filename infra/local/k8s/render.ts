import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalError } from '../local-error.ts';
import { projectFolder } from '../services.ts';

/** The manifests of each overlay as one file, for people without Kustomize and for the checks in `.ci`. */

export const overlays = ['local', 'production', 'production-pool'] as const;
export type Overlay = (typeof overlays)[number];

export function renderedPath(overlay: Overlay): string {
  return join(projectFolder, 'k8s', 'rendered', `${overlay}.yaml`);
}

/** The digest of all files that overlays are built from; a rendered file that names another digest is out of date. */
export function digestSources(): string {
  const hash = createHash('sha256');
  for (const path of globSync('k8s/{base,components,overlays}/**/*.yaml', { cwd: projectFolder }).toSorted()) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(projectFolder, path)))
      .update('\0');
  }
  return hash.digest('hex');
}

/** Throws if kubectl, which includes Kustomize, is missing. */
export function render(overlay: Overlay): string {
  const path = `k8s/overlays/${overlay}`;
  const { stdout, stderr, status, error } = spawnSync('kubectl', ['kustomize', path], {
    cwd: projectFolder,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new LocalError(`kubectl kustomize ${path} failed: ${error?.message ?? stderr}`);
  return `# Rendered from ${path} by \`npm run k8s\`; do not edit.\n# sources: sha256:${digestSources()}\n${stdout}`;
}

/**
 * Whether `render` works on this machine: it needs Kustomize 5.5 (of kubectl 1.32) or newer. Older ones write images
 * differently.
 */
export function hasKubectl(): boolean {
  const { stdout, status } = spawnSync('kubectl', ['version', '--client', '--output=json'], { encoding: 'utf8' });
  if (status !== 0) return false;
  const version: { kustomizeVersion?: string } = JSON.parse(stdout);
  return /^v5\.([5-9]|\d\d)/.test(version.kustomizeVersion ?? '');
}
