import { z } from 'zod';

/** The custom kinds of operators, as far as the components use them. Members that are not listed here are rejected. */

const metadata = z.strictObject({
  name: z.string(),
  namespace: z.string(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});
const duration = z.string().regex(/^\d+(ms|s|m|h)$/);

const secretStore = z.strictObject({
  apiVersion: z.literal('external-secrets.io/v1'),
  kind: z.literal('SecretStore'),
  metadata,
  spec: z.strictObject({
    provider: z.strictObject({
      aws: z.strictObject({
        service: z.literal('SecretsManager'),
        region: z.string(),
        auth: z.strictObject({ jwt: z.strictObject({ serviceAccountRef: z.strictObject({ name: z.string() }) }) }),
      }),
    }),
  }),
});

const externalSecret = z.strictObject({
  apiVersion: z.literal('external-secrets.io/v1'),
  kind: z.literal('ExternalSecret'),
  metadata,
  spec: z.strictObject({
    refreshInterval: duration,
    secretStoreRef: z.strictObject({ kind: z.literal('SecretStore'), name: z.string() }),
    target: z.strictObject({ name: z.string(), creationPolicy: z.literal('Owner') }),
    dataFrom: z.array(z.strictObject({ extract: z.strictObject({ key: z.string() }) })).min(1),
  }),
});

const trigger = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('prometheus'),
    metadata: z.strictObject({ serverAddress: z.url(), query: z.string(), threshold: z.string().regex(/^\d+$/) }),
  }),
  z.strictObject({
    type: z.literal('cpu'),
    metricType: z.literal('Utilization'),
    metadata: z.strictObject({ value: z.string().regex(/^\d+$/) }),
  }),
]);

const scaledObject = z.strictObject({
  apiVersion: z.literal('keda.sh/v1alpha1'),
  kind: z.literal('ScaledObject'),
  metadata,
  spec: z.strictObject({
    scaleTargetRef: z.strictObject({ name: z.string() }),
    minReplicaCount: z.int().min(0),
    maxReplicaCount: z.int().min(1),
    pollingInterval: z.int().min(1),
    cooldownPeriod: z.int().min(0),
    fallback: z.strictObject({ failureThreshold: z.int().min(1), replicas: z.int().min(1) }),
    triggers: z.array(trigger).min(1),
  }),
});

const labels = z.record(z.string(), z.string());

const serviceMonitor = z.strictObject({
  apiVersion: z.literal('monitoring.coreos.com/v1'),
  kind: z.literal('ServiceMonitor'),
  metadata,
  spec: z.strictObject({
    jobLabel: z.string(),
    selector: z.strictObject({
      matchExpressions: z.array(
        z.strictObject({ key: z.string(), operator: z.literal('In'), values: z.array(z.string()) }),
      ),
    }),
    endpoints: z.array(z.strictObject({ port: z.string(), path: z.string(), interval: duration })).min(1),
  }),
});

const rule = z.union([
  z.strictObject({ record: z.string(), expr: z.string(), labels: labels.optional() }),
  z.strictObject({
    alert: z.string(),
    expr: z.string(),
    for: duration.optional(),
    keep_firing_for: duration.optional(),
    labels: labels.optional(),
    annotations: labels.optional(),
  }),
]);

const prometheusRule = z.strictObject({
  apiVersion: z.literal('monitoring.coreos.com/v1'),
  kind: z.literal('PrometheusRule'),
  metadata,
  spec: z.strictObject({
    groups: z
      .array(z.strictObject({ name: z.string(), interval: duration.optional(), rules: z.array(rule).min(1) }))
      .min(1),
  }),
});

export const customKindSchema = z.discriminatedUnion('kind', [
  secretStore,
  externalSecret,
  scaledObject,
  serviceMonitor,
  prometheusRule,
]);
