import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { metrics } from '../packages/contracts/src/metric-names.ts';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'infra/observability');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

type Rule = {
  alert?: string;
  record?: string;
  expr: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
};
type RuleTest = { alertname: string; exp_alerts: unknown[] };

const rules = filesOf('rules', '.yaml')
  .map((file) => parse(read(file)) as { groups: { rules: Rule[] }[] })
  .flatMap(({ groups }) => groups.flatMap((group) => group.rules));
const alerts = rules.filter((rule) => rule.alert !== undefined);
const ruleTests = filesOf('tests', '.yaml')
  .map((file) => parse(read(file)) as { tests: { alert_rule_test: RuleTest[] }[] })
  .flatMap(({ tests }) => tests.flatMap((one) => one.alert_rule_test));
const runbook = read('docs/operations/alerts.md');

describe('the queries of rules and dashboards', () => {
  const recorded = new Set(rules.flatMap((rule) => rule.record ?? []));

  test.each(filesOf('dashboards', '.json'))('%s names only metrics that exist', (file) => {
    expect(unknownMetrics(readExpressions(JSON.parse(read(file))))).toEqual([]);
  });

  test('rules name only metrics that exist', () => {
    expect(unknownMetrics(rules.map(({ expr }) => expr))).toEqual([]);
  });

  test('a metric that does not exist is found', () => {
    expect(unknownMetrics(['rate(toolplane_calls_totl[5m])', 'toolplane:none:rate5m'])).toEqual([
      'toolplane_calls_totl',
      'toolplane:none:rate5m',
    ]);
  });

  function unknownMetrics(expressions: string[]): string[] {
    const named = expressions.flatMap((expression) => expression.match(/\btoolplane[_:][\w:]+/g) ?? []);
    return [...new Set(named)].filter((name) => !recorded.has(name) && !isMetric(name));
  }
});

describe('alerts', () => {
  test.each(alerts.map(({ alert = '' }) => alert))('%s is raised by a test and has a runbook', (alert) => {
    expect(ruleTests.some((one) => one.alertname === alert && one.exp_alerts.length > 0)).toBe(true);
    const rule = alerts.find((other) => other.alert === alert);
    expect(rule?.annotations?.['runbook']).toBe(`docs/operations/alerts.md#${alert.toLowerCase()}`);
    expect(rule?.annotations?.['summary']).toMatch(/\w/);
    const severity = rule?.labels?.['severity'] ?? '';
    const [, text = ''] = runbook.split(`\n## ${alert}\n`);
    expect(text.trimStart()).toMatch(severity === 'page' ? /^Page\. / : /^Ticket\. /);
  });

  test('the runbook has no section without an alert', () => {
    const sections = [...runbook.matchAll(/^## (\w+)$/gm)].map(([, name]) => name);
    expect(sections.toSorted()).toEqual(alerts.map(({ alert }) => alert).toSorted());
  });
});

function isMetric(name: string): boolean {
  return name in metrics || name.replace(/_(bucket|sum|count)$/, '') in metrics;
}

function filesOf(part: string, ending: string): string[] {
  const names = readdirSync(join(folder, part)).filter((name) => name.endsWith(ending));
  return names.map((name) => `infra/observability/${part}/${name}`);
}

function readExpressions(dashboard: { panels: { targets?: { expr: string }[] }[] }): string[] {
  return dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
}
