import { type Block, toBlocks } from './read-blocks.ts';

type Rule = (blocks: Block[], text: string) => string[];

/** For each rule, a function that returns the names of what breaks it; none if it holds. */
export const terraformRules: Record<string, Rule> = {
  'every name that is used is declared': (blocks, text) => {
    const declared = new Set(blocks.flatMap(addressesOf));
    return [...new Set(usedNames(text))].filter((name) => !declared.has(name));
  },
  'every variable is used, has a type and says what it is': (blocks, text) =>
    blocks
      .filter(({ type }) => type === 'variable')
      .filter(
        ({ labels: [name = ''], text: body }) =>
          !text.includes(`var.${name}`) || !/type +=/.test(body) || !/description +=/.test(body),
      )
      .map(({ labels }) => labels.join('.')),
  'every output says what it is for': (blocks) =>
    blocks
      .filter(({ type, text }) => type === 'output' && !/description +=/.test(text))
      .map(({ labels }) => labels.join('.')),
  'what is kept is encrypted, with a key of its own that changes': (blocks) => [
    ...without(blocks, 'aws_db_instance', /storage_encrypted +=\s+true[\s\S]*kms_key_id/),
    ...without(blocks, 'aws_elasticache_replication_group', /at_rest_encryption_enabled = true[\s\S]*kms_key_id/),
    ...without(blocks, 'aws_eks_cluster', /encryption_config/),
    ...without(blocks, 'aws_launch_template', /encrypted +=\s+true/),
    ...without(blocks, 'aws_secretsmanager_secret', /kms_key_id/),
    ...without(blocks, 'aws_kms_key', /enable_key_rotation = true/),
  ],
  'what is on its way is encrypted': (blocks) => [
    ...without(blocks, 'aws_elasticache_replication_group', /transit_encryption_mode +=\s+"required"/),
    ...without(blocks, 'aws_db_parameter_group', /"rds\.force_ssl"\s+value = "1"/),
  ],
  'stores are reached from the cluster alone': (blocks) => [
    ...without(blocks, 'aws_db_instance', /publicly_accessible +=\s+false/),
    ...without(blocks, 'aws_vpc_security_group_ingress_rule', /referenced_security_group_id = aws_eks_cluster\.this/),
    ...blocks
      .filter(({ labels, text }) => labels[0] !== 'aws_route_table' && text.includes('0.0.0.0/0'))
      .map(({ labels }) => labels.join('.')),
  ],
  'the database is backed up, in two zones, and not deleted by mistake': (blocks) =>
    without(
      blocks,
      'aws_db_instance',
      /multi_az +=\s+true[\s\S]*backup_retention_period[\s\S]*deletion_protection +=\s+true/,
    ),
  'Redis forgets nothing that it was given, and has a replica in another zone': (blocks) => [
    ...without(blocks, 'aws_elasticache_parameter_group', /"maxmemory-policy"\s+value = "noeviction"/),
    ...without(blocks, 'aws_elasticache_replication_group', /multi_az_enabled +=\s+true/),
  ],
  'a pod cannot become its node': (blocks) =>
    without(blocks, 'aws_launch_template', /http_tokens +=\s+"required"\s+http_put_response_hop_limit = 1/),
  'add-ons take the place of those that a new cluster comes with': (blocks) =>
    without(blocks, 'aws_eks_addon', /resolve_conflicts_on_create = "OVERWRITE"/),
  'NetworkPolicies are held': (_, text) => (text.includes('enableNetworkPolicy = "true"') ? [] : ['vpc-cni']),
  'no password is written down': (_, text) => (/password\w* += "/.test(text) ? ['a password'] : []),
};

export function breachesOf(rule: string, text: string): string[] {
  return terraformRules[rule]?.(toBlocks(text), text) ?? ['there is no such rule'];
}

/** The resources of a type that do not match the pattern; if no resource of the type exists, that is a breach too. */
function without(blocks: Block[], type: string, pattern: RegExp): string[] {
  const resources = blocks.filter(({ labels }) => labels[0] === type);
  if (resources.length === 0) return [type];
  return resources.filter(({ text }) => !pattern.test(text)).map(({ labels }) => labels.join('.'));
}

function addressesOf({ type, labels, text }: Block): string[] {
  if (type === 'variable') return [`var.${labels[0]}`];
  if (type === 'module') return [`module.${labels[0]}`];
  if (type === 'data') return [`data.${labels.join('.')}`];
  if (type === 'resource') return [labels.join('.')];
  if (type === 'locals') return Array.from(text.matchAll(/^ {2}(\w+) +=/gm), ([, name]) => `local.${name}`);
  return [];
}

function usedNames(text: string): string[] {
  const references = text.matchAll(/(?<![\w.":/-])(var\.\w+|local\.\w+|module\.\w+|data\.\w+\.\w+|aws_\w+\.\w+)/g);
  return Array.from(references, ([, name]) => name ?? '');
}
