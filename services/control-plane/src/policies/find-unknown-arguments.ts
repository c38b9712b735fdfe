import type { Json, JsonObject, Policy } from '@toolplane/contracts';
import { compileTools } from '@toolplane/policy';
import { nearestSlugs } from '../selected-tools/nearest-slugs.ts';
import type { PolicyWarning } from './find-unknown.ts';
import type { OfferedTool } from './offered-tools.ts';

/** With these a schema may take arguments that its own `properties` do not name. */
const elsewhere = ['$ref', 'allOf', 'anyOf', 'oneOf', 'if', 'dependentSchemas', 'patternProperties'];

/** Names of arguments that no tool has for which the rule is: `required` with one of them is never fulfilled. */
export function findUnknownArguments({ rules }: Policy, offered: readonly OfferedTool[]): PolicyWarning[] {
  const takenBy = new Map<OfferedTool, readonly string[] | undefined>();
  const argumentsOf = (tool: OfferedTool) => {
    if (!takenBy.has(tool)) takenBy.set(tool, readNames(JSON.parse(tool.inputSchema) as JsonObject));
    return takenBy.get(tool);
  };
  return rules.flatMap(({ tools, arguments: schema }, index) => {
    if (schema === undefined) return [];
    const isFor = compileTools(tools);
    const all = offered.filter(({ tool }) => isFor?.(tool) ?? true).map(argumentsOf);
    const names = new Set(all.flatMap((taken) => taken ?? []));
    // Of no tool at all nothing is known, and of one that may take others not everything.
    if (all.length === 0 || all.includes(undefined)) return [];
    return namedIn(schema)
      .filter(({ name }) => !names.has(name))
      .map(({ name, path }) => ({
        path: `policy.rules.${index}.arguments.${path}`,
        message: `No tool that the rule is for has an argument ${name}`,
        suggestions: nearestSlugs(name, [...names]),
      }));
  });
}

function namedIn({ properties, required }: JsonObject): { name: string; path: string }[] {
  const members = isObject(properties) ? Object.keys(properties) : [];
  return [
    ...members.map((name) => ({ name, path: `properties.${name}` })),
    ...(Array.isArray(required) ? required : []).flatMap((name, at) =>
      typeof name === 'string' && !members.includes(name) ? [{ name, path: `required.${at}` }] : [],
    ),
  ];
}

/** Undefined: it may take others as well. */
function readNames(schema: JsonObject): readonly string[] | undefined {
  const { properties = {} } = schema;
  const isOpen = elsewhere.some((keyword) => Object.hasOwn(schema, keyword)) || !isObject(properties);
  return isOpen ? undefined : Object.keys(properties);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
