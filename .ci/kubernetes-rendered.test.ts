import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { PROMETHEUS_RULES_FILE, toPrometheusRules } from '../infra/local/k8s/prometheus-rules.ts';
import { digestSources, hasKubectl, overlays, render, renderedPath } from '../infra/local/k8s/render.ts';

/** `npm run k8s` renders the overlays again. */
describe.each(overlays)('the rendered overlay %s', (overlay) => {
  const text = readFileSync(renderedPath(overlay), 'utf8');

  test('was rendered from the current sources', () => {
    expect(text.split('\n')[1]).toBe(`# sources: sha256:${digestSources()}`);
  });

  const title = 'is what Kustomize makes of them, byte for byte';
  if (hasKubectl()) test(title, () => expect(text).toBe(render(overlay)));
});

test('the alerts for the Prometheus Operator are those of the rule files', () => {
  expect(readFileSync(PROMETHEUS_RULES_FILE, 'utf8')).toBe(toPrometheusRules());
});
