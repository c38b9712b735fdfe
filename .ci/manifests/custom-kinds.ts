/** The custom kinds of operators, as far as the components use them: a member that is not listed here is refused. */
export type CustomKinds = {
  SecretStore: Kind<
    'external-secrets.io/v1',
    {
      provider: {
        aws: { service: 'SecretsManager'; region: string; auth: { jwt: { serviceAccountRef: { name: string } } } };
      };
    }
  >;
  ExternalSecret: Kind<
    'external-secrets.io/v1',
    {
      refreshInterval: Duration;
      secretStoreRef: { kind: 'SecretStore'; name: string };
      target: { name: string; creationPolicy: 'Owner' };
      dataFrom: Some<{ extract: { key: string } }>;
    }
  >;
  ScaledObject: Kind<
    'keda.sh/v1alpha1',
    {
      scaleTargetRef: { name: string };
      minReplicaCount: number;
      maxReplicaCount: number;
      pollingInterval: number;
      cooldownPeriod: number;
      fallback: { failureThreshold: number; replicas: number };
      triggers: Some<
        | { type: 'prometheus'; metadata: { serverAddress: `http://${string}`; query: string; threshold: `${number}` } }
        | { type: 'cpu'; metricType: 'Utilization'; metadata: { value: `${number}` } }
      >;
    }
  >;
  ServiceMonitor: Kind<
    'monitoring.coreos.com/v1',
    {
      jobLabel: string;
      selector: { matchExpressions: { key: string; operator: 'In'; values: string[] }[] };
      endpoints: Some<{ port: string; path: string; interval: Duration }>;
    }
  >;
  PrometheusRule: Kind<
    'monitoring.coreos.com/v1',
    { groups: Some<{ name: string; interval?: Duration; rules: Some<RecordingRule | AlertingRule> }> }
  >;
};

type Kind<ApiVersion, Spec> = {
  apiVersion: ApiVersion;
  kind: string;
  metadata: { name: string; namespace: string; labels?: Strings; annotations?: Strings };
  spec: Spec;
};
type Strings = Record<string, string>;
type Some<Item> = [Item, ...Item[]];
type Duration = `${number}${'ms' | 's' | 'm' | 'h'}`;
type RecordingRule = { record: string; expr: string; labels?: Strings };
type AlertingRule = {
  alert: string;
  expr: string;
  for?: Duration;
  keep_firing_for?: Duration;
  labels?: Strings;
  annotations?: Strings;
};
