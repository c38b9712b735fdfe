import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

/** What the roles of `infra/aws` may do with secrets. The title of a test is the rule. */

type Statement = {
  Effect: string;
  Action: string | string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
};

const folder = join(import.meta.dirname, '../infra/aws/secrets');
const read = (name: string) => readFileSync(join(folder, name), 'utf8');
const SECRETS = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:toolplane/prod/*';

/** Renders a template as Terraform's `templatefile` does and returns its statements. */
function statementsOf(name: string, values: Record<string, string> = {}): Statement[] {
  const text = read(name).replaceAll(/\$\{(\w+)\}/g, (_, key: string) => values[key] ?? `no value for ${key}`);
  return (JSON.parse(text) as { Statement: Statement[] }).Statement;
}

describe('the data plane', () => {
  const statements = statementsOf('data-plane-policy.json.tftpl', { secret_arns: JSON.stringify([SECRETS]) });
  const batch = statements.filter(({ Resource }) => Resource === '*');

  test('may do what its secret store does, and nothing else', () => {
    expect(statements.every(({ Effect }) => Effect === 'Allow')).toBe(true);
    const operations = ['BatchGetSecretValue', 'CreateSecret', 'DeleteSecret', 'GetSecretValue', 'PutSecretValue'];
    const actions = statements.flatMap(({ Action }) => Action).toSorted();
    expect(actions).toEqual(operations.map((name) => `secretsmanager:${name}`));
    const store = readFileSync(join(folder, '../../../services/data-plane/src/secrets/aws-store.ts'), 'utf8');
    const used = new Set(Array.from(store.matchAll(/new (\w+)Command\(/g), ([, name]) => name));
    expect([...used].toSorted()).toEqual(operations);
  });

  test('may request several secrets at once by any name, as AWS has no narrower right, but read only its own', () => {
    expect(batch.map(({ Action }) => Action)).toEqual(['secretsmanager:BatchGetSecretValue']);
    const others = statements.filter((statement) => !batch.includes(statement));
    expect(others.flatMap(({ Resource }) => Resource)).toEqual([SECRETS]);
  });

  test('uses the key of an owner only for these secrets, and only through Secrets Manager', () => {
    const values = {
      kms_key_arn: 'arn:aws:kms:eu-west-1:123456789012:key/1',
      region: 'eu-west-1',
      encryption_contexts: JSON.stringify([SECRETS]),
    };
    expect(statementsOf('data-plane-kms-policy.json.tftpl', values)).toMatchObject([
      {
        Effect: 'Allow',
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: values.kms_key_arn,
        Condition: {
          StringEquals: { 'kms:ViaService': 'secretsmanager.eu-west-1.amazonaws.com' },
          StringLike: { 'kms:EncryptionContext:SecretARN': [SECRETS] },
        },
      },
    ]);
  });
});

test('edge and control plane are denied every secret, of every environment', () => {
  const statements = statementsOf('no-secrets-policy.json.tftpl', { partition: 'aws' });
  expect(statements.map(({ Effect, Action, Resource }) => [Effect, Action, Resource])).toEqual([
    ['Deny', 'secretsmanager:*', 'arn:aws:secretsmanager:*:*:secret:toolplane/*'],
    ['Deny', 'secretsmanager:BatchGetSecretValue', '*'],
  ]);
});

test('the module builds its names from the environment, and limits them to the owners and the sealing keys', () => {
  const module = read('main.tf');
  expect(module).toMatch(/:secret:toolplane\/\$\{var\.environment\}"/);
  expect(module).toMatch(/\["\$\{local\.prefix\}\/\*"\]/);
  expect(module).toContain('concat(var.owner_ids, ["platform/data-plane"])');
  const templates = Array.from(module.matchAll(/\/([\w.-]+\.tftpl)"/g), ([, name]) => name);
  expect(templates.toSorted()).toEqual(
    readdirSync(folder)
      .filter((name) => name.endsWith('.tftpl'))
      .toSorted(),
  );
});

test('the role that reads the settings of the services reads only those, and no secret of a tenant', () => {
  const arns = ['arn:aws:secretsmanager:eu-west-1:123456789012:secret:toolplane-settings/prod/edge-abc'];
  const values = { secret_arns: JSON.stringify(arns), kms_key_arn: 'arn:aws:kms:x', region: 'eu-west-1' };
  const statements = statementsOf('../settings-policy.json.tftpl', values);
  const read = ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret', 'kms:Decrypt'];
  expect(statements.flatMap(({ Action }) => Action)).toEqual(read);
  expect(statements.flatMap(({ Resource }) => Resource)).toEqual([...arns, 'arn:aws:kms:x']);
});
