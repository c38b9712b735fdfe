import { z } from 'zod';
import { CliError } from '../cli-error.ts';
import { dataOf, listAll, type PlatformApi } from './api.ts';

export const instanceSchema = z.looseObject({
  id: z.string(),
  connector: z.string(),
  instance_name: z.string(),
  auth_type: z.string(),
  has_credentials: z.boolean(),
  /** The pool of data planes for which its credentials are sealed. `null` is the default pool. */
  pool: z.string().nullable(),
});
export type ConnectorInstance = z.infer<typeof instanceSchema>;

export function listInstances(api: PlatformApi, filter: { connector?: string } = {}): Promise<ConnectorInstance[]> {
  return listAll(api, instanceSchema, (page) =>
    api.GET('/connector-instances', { params: { query: { ...filter, ...page } } }),
  );
}

/** Finds an instance by id or name. Names need not be unique; an ambiguous name is refused. */
export async function getInstance(api: PlatformApi, instance: string): Promise<ConnectorInstance> {
  if (/^coi_[a-z2-7]{24}$/.test(instance)) {
    const params = { path: { id: instance } };
    return dataOf(api, instanceSchema, await api.GET('/connector-instances/{id}', { params }));
  }
  const all = await listInstances(api);
  const [found, ...others] = all.filter(({ instance_name: name }) => name === instance);
  if (found === undefined) {
    throw new CliError(`There is no connector instance "${instance}"`, {
      code: 'not_found',
      details: all.length === 0 ? [] : [`Available: ${all.map(({ instance_name: name }) => name).join(', ')}`],
    });
  }
  if (others.length === 0) return found;
  throw new CliError(`Several connector instances are called "${instance}": name one by its id`, {
    details: [found, ...others].map(({ id, connector }) => `${id}, of ${connector}`),
  });
}
