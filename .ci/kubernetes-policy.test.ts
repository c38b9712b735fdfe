import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { overlays, renderedPath } from '../infra/local/k8s/render.ts';
import { breakManifests } from './manifests/broken.ts';
import { productionRules, rules } from './manifests/policy.ts';
import { readManifests } from './manifests/read-manifests.ts';

/**
 * The rules for the Kubernetes manifests. The title of a test is the rule; each test also shows that the rule finds a
 * breach.
 */

const rendered = overlays.map((overlay) => ({ overlay, manifests: readManifests(overlay) }));
const production = rendered.filter(({ overlay }) => overlay.startsWith('production'));
const productionText = readFileSync(renderedPath('production'), 'utf8');

describe('in every overlay (T34)', () => {
  test.each(Object.entries(rules))('%s', (rule, findBreaches) => {
    for (const { overlay, manifests } of rendered) expect([overlay, findBreaches(manifests)]).toEqual([overlay, []]);
    expect(findBreaches(breakManifests(productionText, rule))).not.toEqual([]);
  });
});

describe('where customers are served (T34, T35)', () => {
  test.each(Object.entries(productionRules))('%s', (rule, findBreaches) => {
    for (const { overlay, manifests } of production) expect([overlay, findBreaches(manifests)]).toEqual([overlay, []]);
    expect(findBreaches(breakManifests(productionText, rule))).not.toEqual([]);
  });
});
