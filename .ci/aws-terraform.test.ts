import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { redisUsers } from '@toolplane/bus/redis-users';
import { readManifests } from './manifests/read-manifests.ts';
import { readTerraform, terraformFolder, toBlocks } from './terraform/read-blocks.ts';
import { breachesOf, terraformRules } from './terraform/rules.ts';

/** The Terraform configuration for AWS, as far as it can be checked without AWS. The title of a test is the rule. */

const text = readTerraform();
/** Terraform does not check for a newer version. */
const environment = { ...process.env, CHECKPOINT_DISABLE: '1' };

const broken: Record<keyof typeof terraformRules, [from: string | RegExp, to: string]> = {
  'every name that is used is declared': ['resource "aws_kms_key" "stores"', 'resource "aws_kms_key" "store"'],
  'every variable is used, has a type and says what it is': [/ {2}type +=\s+string\n/, ''],
  'every output says what it is for': [/(output "redis_address" \{\n).*\n/, '$1'],
  'what is kept is encrypted, with a key of its own that changes': [
    /storage_encrypted +=\s+true/,
    'storage_encrypted = false',
  ],
  'what is on its way is encrypted': ['"required"\n  at_rest', '"preferred"\n  at_rest'],
  'stores are reached from the cluster alone': [/publicly_accessible +=\s+false/, 'publicly_accessible = true'],
  'the database is backed up, in two zones, and not deleted by mistake': [/backup_retention_period.*\n/, ''],
  'Redis forgets nothing that it was given, and has a replica in another zone': ['"noeviction"', '"allkeys-lru"'],
  'a pod cannot become its node': ['hop_limit = 1', 'hop_limit = 2'],
  'add-ons take the place of those that a new cluster comes with': ['on_create = "OVERWRITE"', 'on_create = "NONE"'],
  'NetworkPolicies are held': ['enableNetworkPolicy = "true"', ''],
  'no password is written down': ['manage_master_user_password     = true', 'password = "x"'],
};

describe('infra/aws (T33, T34)', () => {
  test.each(Object.keys(terraformRules))('%s', (rule) => {
    expect(breachesOf(rule, text)).toEqual([]);
    const [from, to] = broken[rule] ?? ['', ''];
    expect(breachesOf(rule, text.replace(from, to))).not.toEqual([]);
  });

  test('has only blocks that are closed', () => {
    const rest = text.replaceAll(/^\w+(?: "[\w.-]+")* \{(?:\n.*?^)?\}$/gms, '').trim();
    expect(rest).toBe('');
    expect(toBlocks(text).length).toBeGreaterThan(40);
  });

  const title = 'is written as Terraform writes it';
  if (spawnSync('terraform', ['version'], { env: environment }).status === 0) {
    test(title, () => {
      const { stdout, status } = spawnSync('terraform', ['fmt', '-check', '-recursive'], {
        cwd: terraformFolder,
        encoding: 'utf8',
        env: environment,
      });
      expect([status, stdout]).toEqual([0, '']);
    });
  }

  test('gives every Redis user the rights that infra/redis/users.acl gives it, and no password', () => {
    const pattern =
      /^ {4}for line in regexall\("\(\?m\)(.+?)", file\("\$\{path\.module\}\/\$\{var\.redis_users\}"\)\)/m.exec(text);
    const path = /variable "redis_users" .*?default += "(?<path>.+?)"/s.exec(text)?.groups?.['path'] ?? '';
    const file = readFileSync(join(terraformFolder, path), 'utf8');
    const lines = [...file.matchAll(new RegExp((pattern?.[1] ?? '').replaceAll('\\\\', '\\'), 'gm'))];
    expect(lines.map(([, user]) => user)).toEqual([...redisUsers]);
    expect(lines.filter(([, , rights = '']) => /[#>]|\breset /.test(rights))).toEqual([]);
  });
});

describe('the production overlay', () => {
  const manifests = readManifests('production');

  test('names the subnets that Terraform creates', () => {
    const { cidr } = /variable "cidr" .*?default += "(?<cidr>[\d.]+)\.0\.0\/16"/s.exec(text)?.groups ?? {};
    expect(text).toContain('cidrsubnet(var.cidr, 8, 96 + count.index)');
    expect(text).toContain('cidrsubnet(var.cidr, 8, 112 + count.index)');
    const stores = [96, 97, 98].map((third) => `${cidr}.${third}.0/24`);
    const endpoints = [112, 113, 114].map((third) => `${cidr}.${third}.0/24`);
    const rangesOf = (name: string) =>
      manifests
        .find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === name)
        ?.spec?.egress?.flatMap(({ to = [] }) => to.map(({ ipBlock }) => ipBlock?.cidr));
    expect([rangesOf('to-redis'), rangesOf('to-postgresql')]).toEqual([stores, stores]);
    expect(rangesOf('to-secret-store')).toEqual(endpoints);
  });

  test('gives service accounts the roles that Terraform creates for them', () => {
    const roles = manifests.flatMap(({ kind, metadata }) => {
      const arn = metadata.annotations?.['eks.amazonaws.com/role-arn'];
      return kind === 'ServiceAccount' && arn !== undefined ? [[metadata.name, arn.split('/')[1]]] : [];
    });
    expect(roles).toEqual(['data-plane', 'settings'].map((name) => [name, `toolplane-production-${name}`]));
    expect(text).toContain('for_each = toset(["data-plane", "settings"])\n  name     = "${local.name}-${each.value}"');
  });
});
