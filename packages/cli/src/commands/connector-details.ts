import type { Command } from 'commander';
import { z } from 'zod';
import type { CommandContext } from '../command-context.ts';
import { dataOf, listAll } from '../platform/api.ts';
import { listInstances } from '../platform/connector-instance.ts';
import { shorten } from '../showing/shorten.ts';
import { toFacts, toTable } from '../showing/table.ts';
import { listByDefault } from './list-by-default.ts';

const connectorSchema = z.looseObject({
  slug: z.string(),
  name: z.string(),
  description: z.string(),
  version: z.string(),
  tools_count: z.int(),
});
type Connector = z.infer<typeof connectorSchema>;

const fieldSchema = z.looseObject({ key: z.string(), required: z.boolean() });
const detailSchema = connectorSchema.extend({
  configuration: z.array(fieldSchema),
  authentication: z.array(z.looseObject({ id: z.string(), fields: z.array(fieldSchema) })),
  tools: z.array(z.looseObject({ name: z.string(), description: z.string() })),
});

/** The commands `list` and `get`. */
export function addConnectorDetails(connectors: Command, { api, show }: CommandContext): void {
  const list = async () => {
    const all = await listAll(api(), connectorSchema, (query) => api().GET('/connectors', { params: { query } }));
    show(all, () => toTable(['CONNECTOR', 'VERSION', 'TOOLS', 'DESCRIPTION'], all.map(toRow)));
  };
  listByDefault(connectors, list);
  connectors.command('list').description('list the connectors of the organization').action(list);
  connectors
    .command('get')
    .summary('show the details of a connector')
    .description(
      'Show the details of a connector: how to sign in to it, its configuration, its tools and its instances.',
    )
    .argument('<connector>', 'its slug')
    .action(async (slug: string) => {
      const connector = dataOf(
        api(),
        detailSchema,
        await api().GET('/connectors/{slug}', { params: { path: { slug } } }),
      );
      const instances = await listInstances(api(), { connector: slug });
      const rows = connector.tools.map(({ name, description }) => [name, shorten(description)]);
      show({ ...connector, instances }, () => [
        ...toFacts({
          Connector: connector.slug,
          Name: connector.name,
          Description: shorten(connector.description, 200),
          Version: connector.version,
          'Sign-in': connector.authentication.map(({ id, fields }) => toFields(id, fields)).join('; ') || 'none',
          Configuration: connector.configuration.map(toField).join(', ') || undefined,
          Instances: instances.map(({ instance_name: name }) => name).join(', ') || 'none',
        }),
        ...(rows.length === 0 ? [] : ['', ...toTable(['TOOL', 'DESCRIPTION'], rows)]),
      ]);
    });
}

type Field = z.infer<typeof fieldSchema>;

function toFields(id: string, fields: readonly Field[]): string {
  return `${id} (${fields.map(toField).join(', ')})`;
}

function toField({ key, required }: Field): string {
  return required ? key : `${key}, optional`;
}

function toRow({ slug, version, tools_count: tools, description }: Connector): string[] {
  return [slug, version, `${tools}`, shorten(description)];
}
