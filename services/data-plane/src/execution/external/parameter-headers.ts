import { isJsonObject, type Json, type JsonObject, type PlanExternal } from '@toolplane/contracts';

/**
 * Returns the arguments that a modern server wants repeated in headers, encoded in base64 if they could not be sent as
 * they are.
 */
export function toParameterHeaders(target: PlanExternal['target'], inputs: JsonObject): Record<string, string> {
  if (target.kind !== 'tool' || target.parameterHeaders === undefined) return {};
  return Object.fromEntries(
    target.parameterHeaders.flatMap(([name, path]) => {
      const value = path.reduce<Json | undefined>(memberOf, inputs);
      if (value === undefined || value === null || typeof value === 'object') return [];
      return [[`Mcp-Param-${name}`, encode(String(value))]];
    }),
  );
}

function memberOf(value: Json | undefined, name: string): Json | undefined {
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function encode(text: string): string {
  const isPlain = /^(?:[!-~](?:[ -~]*[!-~])?)?$/.test(text) && !text.startsWith('=?base64?');
  return isPlain ? text : `=?base64?${Buffer.from(text).toString('base64')}?=`;
}
