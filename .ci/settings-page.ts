import { commonSettings } from '../packages/service-kit/src/config.ts';
import { controlPlaneConfigSchema, migrationConfigSchema } from '../services/control-plane/src/config.ts';
import { dataPlaneConfigSchema } from '../services/data-plane/src/config.ts';
import { storeSettingsSchema } from '../services/data-plane/src/secrets/store-settings.ts';
import { edgeConfigSchema } from '../services/edge/src/config.ts';

/** The part of a zod schema that the page needs. */
type Setting = {
  safeParse(value: unknown): { success: boolean; data?: unknown };
  meta(): { description?: string; absent?: string } | undefined;
};
type Settings = Record<string, Setting>;
type Row = { name: string; absent: string; description: string };

/**
 * The text of `docs/reference/settings.md`, generated from the schemas with which the services read their environment.
 */
export function toSettingsPage(): string {
  return `# Settings

Each service reads its environment once, when it starts; every problem is named in one message. Credentials are never
printed. This page is written from the schemas of the services (\`services/*/src/config.ts\`).

## All services

${toTable(toRows(commonSettings))}

## Control plane

${toTable(ownRows(controlPlaneConfigSchema.shape))}

The program that migrates the database and ends, \`services/control-plane/src/migrate.ts\`, reads these:

${toTable(ownRows(migrationConfigSchema.shape))}

## Edge

${toTable(ownRows(edgeConfigSchema.shape))}

## Data plane

${toTable([...ownRows(dataPlaneConfigSchema.shape), ...storeRows()])}

Run edge and data plane with \`NODE_OPTIONS=--max-semi-space-size=64\`, as \`npm start\` does: a larger young generation
saves about a tenth of their CPU per call and takes up to 192 MiB more memory under load.

Set \`UV_THREADPOOL_SIZE\` (say, 64) for the data plane where many upstreams are called: name look-ups and decompression
share its threads, four by default.
`;
}

function ownRows(settings: Settings): Row[] {
  return toRows(Object.fromEntries(Object.entries(settings).filter(([name]) => !(name in commonSettings))));
}

/** The settings of all secret stores; each description names the store. */
function storeRows(): Row[] {
  const stores = storeSettingsSchema.options.map(({ shape }) => {
    const { SECRETS_STORE, ...settings } = shape;
    return { store: [...SECRETS_STORE.values][0] ?? '', settings: settings as Settings };
  });
  const names = stores.map(({ store }) => `\`${store}\``).join(', ');
  const which = `${names}: see [secret stores](../how-to/secret-stores.md)`;
  return [
    { name: 'SECRETS_STORE', absent: 'required', description: which },
    ...stores.flatMap(({ store, settings }) =>
      toRows(settings).map(({ name, absent, description }) => ({
        name,
        absent: absent === 'required' ? `required by \`${store}\`` : absent,
        description: `\`${store}\`: ${description}`,
      })),
    ),
  ];
}

function toRows(settings: Settings): Row[] {
  return Object.entries(settings).map(([name, setting]) => {
    const { description, absent = toAbsent(setting) } = setting.meta() ?? {};
    if (description === undefined) throw new Error(`The setting ${name} has no description`);
    return { name, absent, description };
  });
}

/** The text for the value of a setting that is not set. */
function toAbsent(setting: Setting): string {
  const { success, data } = setting.safeParse(undefined);
  if (!success) return 'required';
  if (data === undefined || (Array.isArray(data) && data.length === 0)) return 'none';
  return `\`${String(data)}\``;
}

function toTable(rows: Row[]): string {
  const lines = rows.map(({ name, absent, description }) => `| \`${name}\` | ${absent} | ${description} |`);
  return ['| Name | Default | |', '|---|---|---|', ...lines].join('\n');
}
