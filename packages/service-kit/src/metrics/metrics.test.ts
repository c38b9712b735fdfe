import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { closeServer, startHealthServer } from '../health.ts';
import { counter, histogram } from './metric.ts';
import { startMetrics } from './start-metrics.ts';

let url: string;
let health: Awaited<ReturnType<typeof startHealthServer>>;
const connections = [{ name: 'caller:calls', isReady: true, reconnects: 2 }];

beforeAll(async () => {
  startMetrics('edge', { version: '1.2.3', revision: 'abc' }, () => connections);
  health = await startHealthServer({ host: '127.0.0.1', port: 0, checks: {}, describe: async () => ({}) });
  url = `http://127.0.0.1:${(health.address() as AddressInfo).port}/metrics`;
});
afterAll(() => closeServer(health));

async function scrape(accept?: string) {
  const response = await fetch(url, accept === undefined ? {} : { headers: { accept } });
  return { type: response.headers.get('content-type'), text: await response.text() };
}

test('the health port serves the metrics of the process, as text or as OpenMetrics with exemplars', async () => {
  counter('toolplane_calls_refused_total').labels('queue_full').inc();
  const durations = histogram('toolplane_call_duration_seconds');
  durations.observe({ labels: { outcome: 'done' }, value: 0.004, exemplarLabels: { trace_id: 'abc' } });
  const open = 'application/openmetrics-text; version=1.0.0';
  for (const accept of [undefined, open, undefined, open, `${open},text/plain;q=0.5`]) {
    const { type, text } = await scrape(accept);
    expect(text).toContain('toolplane_calls_refused_total{code="queue_full"} 1');
    expect(text).toContain('toolplane_build_info{service="edge",version="1.2.3",revision="abc"} 1');
    expect(text).toContain('toolplane_redis_ready{connection="caller:calls"} 1');
    expect(text).toContain('toolplane_redis_reconnects_total{connection="caller:calls"} 2');
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds \d/m);
    expect(text).toMatch(/^process_resident_memory_bytes \d/m);
    if (accept === undefined) {
      expect(type).toMatch(/^text\/plain/);
      expect(text).toContain('# TYPE toolplane_calls_refused_total counter');
      expect(text).not.toContain('trace_id');
    } else {
      expect(type).toMatch(/^application\/openmetrics-text/);
      expect(text).toContain('# TYPE toolplane_calls_refused counter');
      expect(text).toMatch(/le="0.005",outcome="done"\} 1 # \{trace_id="abc"\} 0.004 /);
      expect(text.endsWith('# EOF\n')).toBe(true);
    }
  }
});

test('simultaneous requests each get the format that they asked for', async () => {
  const asked = await Promise.all(
    Array.from({ length: 10 }, (_, index) => scrape(index % 2 === 0 ? 'application/openmetrics-text' : 'text/plain')),
  );
  for (const [index, { text }] of asked.entries()) expect(text.includes('# EOF')).toBe(index % 2 === 0);
});
