import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { projectFolder } from '../services.ts';

/** The rule files of Prometheus as objects of the Prometheus Operator, with the same text, indented. */
export function toPrometheusRules(): string {
  const files = globSync('infra/observability/rules/*.yaml', {
    cwd: projectFolder,
    exclude: (path) => path.includes('test'),
  });
  const objects = files.toSorted().map((path) => {
    const text = readFileSync(join(projectFolder, path), 'utf8');
    const lines = text
      .trimEnd()
      .split('\n')
      .filter((line) => line !== '---');
    const spec = lines.map((line) => (line === '' ? '' : `  ${line}`)).join('\n');
    return `apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: toolplane-${basename(path, '.yaml')}
spec:
${spec}
`;
  });
  return `# Written from infra/observability/rules by \`npm run k8s\`; do not edit.\n${objects.join('---\n')}`;
}

export const PROMETHEUS_RULES_FILE = join(projectFolder, 'k8s/components/prometheus-rules/rules.yaml');
