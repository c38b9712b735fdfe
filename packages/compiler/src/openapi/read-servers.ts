import type { ServerChoice } from './model.ts';
import type { OpenApiNode } from './open-api-node.ts';

/** Returns undefined if the next level applies: an empty list counts as none. */
export function readServers(node: OpenApiNode | undefined): ServerChoice[] | undefined {
  const servers = node?.items().map(readServer) ?? [];
  return servers.length === 0 ? undefined : servers;
}

function readServer(node: OpenApiNode): ServerChoice {
  const variables = node.member('variables')?.entries() ?? [];
  return {
    url: node.requiredText('url'),
    variables: Object.fromEntries(variables.map(([name, variable]) => [name, readVariable(variable)])),
  };
}

/** Numbers such as ports are often written without quotes. */
function readVariable(node: OpenApiNode): ServerChoice['variables'][string] {
  const number = node.member('default')?.value;
  const values = node.member('enum')?.items();
  return {
    default: typeof number === 'number' ? String(number) : node.requiredText('default'),
    ...(values === undefined ? {} : { enum: values.map(({ value }) => String(value)) }),
  };
}
