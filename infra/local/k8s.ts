import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { PROMETHEUS_RULES_FILE, toPrometheusRules } from './k8s/prometheus-rules.ts';
import { overlays, render, renderedPath } from './k8s/render.ts';
import { runTask } from './local-error.ts';

/**
 * `npm run k8s`, run after a change in `k8s/` or of an alert, writes `k8s/rendered/`. It needs kubectl, but no cluster.
 */
await runTask(async () => {
  writeFileSync(PROMETHEUS_RULES_FILE, toPrometheusRules());
  for (const overlay of overlays) {
    const path = renderedPath(overlay);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, render(overlay));
  }
});
