import type { ServerChoice } from './model.ts';
import type { Place } from './place.ts';

/** Returns undefined if the next level applies: an empty list counts as none. */
export function readServers(place: Place | undefined): ServerChoice[] | undefined {
  const servers = place?.items().map(readServer) ?? [];
  return servers.length === 0 ? undefined : servers;
}

function readServer(place: Place): ServerChoice {
  const variables = place.member('variables')?.entries() ?? [];
  return {
    url: place.requiredText('url'),
    variables: Object.fromEntries(variables.map(([name, variable]) => [name, readVariable(variable)])),
  };
}

/** Numbers such as ports are often written without quotes. */
function readVariable(place: Place): ServerChoice['variables'][string] {
  const number = place.member('default')?.value;
  const values = place.member('enum')?.items();
  return {
    default: typeof number === 'number' ? String(number) : place.requiredText('default'),
    ...(values === undefined ? {} : { enum: values.map(({ value }) => String(value)) }),
  };
}
