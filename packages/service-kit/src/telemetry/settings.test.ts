import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { telemetrySettings } from './settings.ts';

const schema = z.object(telemetrySettings);

test('attributes of a process are percent-encoded names and values; without any setting everything is sampled', () => {
  const OTEL_RESOURCE_ATTRIBUTES = 'deployment.environment.name=production, team=a%2Cb=c,';
  expect(schema.parse({ OTEL_RESOURCE_ATTRIBUTES, OTEL_TRACES_SAMPLER_ARG: '0.25' })).toEqual({
    OTEL_TRACES_SAMPLER_ARG: 0.25,
    OTEL_RESOURCE_ATTRIBUTES: { 'deployment.environment.name': 'production', team: 'a,b=c' },
  });
  expect(schema.parse({})).toEqual({ OTEL_TRACES_SAMPLER_ARG: 1, OTEL_RESOURCE_ATTRIBUTES: {} });
});

test.each([
  ['OTEL_TRACES_SAMPLER_ARG', '1.5'],
  ['OTEL_TRACES_SAMPLER_ARG', 'half'],
  ['OTEL_RESOURCE_ATTRIBUTES', 'production'],
  ['OTEL_RESOURCE_ATTRIBUTES', '=x'],
  ['OTEL_RESOURCE_ATTRIBUTES', 'a=%'],
])('%s: %s is refused', (name, value) => {
  expect(schema.safeParse({ [name]: value }).success).toBe(false);
});
