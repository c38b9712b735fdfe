import { isJsonObject, type JsonObject, type Policy } from '@toolplane/contracts';
import { compileTools } from '@toolplane/policy';
import { nearestSlugs } from '../../catalogue/nearest-slugs.ts';
import { type PolicyWarning, WARNINGS_MAX } from './find-unknown.ts';
import type { OfferedTool } from './offered-tools.ts';

/** With these keywords, a schema may accept arguments that its own `properties` do not name. */
const elsewhere = ['$ref', 'allOf', 'anyOf', 'oneOf', 'if', 'dependentSchemas', 'patternProperties'];
/** Limit of the names that are compared for suggestions. */
const CANDIDATES_MAX = 1000;

/**
 * Finds names of arguments that none of the rule's tools has: `required` with such a name is never satisfied, and the
 * schema that `properties` has for it always is.
 */
export function findUnknownArguments({ rules }: Policy, offered: readonly OfferedTool[]): PolicyWarning[] {
  const takenBy = new Map<OfferedTool, readonly string[] | undefined>();
  const argumentsOf = (tool: OfferedTool) => {
    if (!takenBy.has(tool)) takenBy.set(tool, readNames(JSON.parse(tool.inputSchema) as JsonObject));
    return takenBy.get(tool);
  };
  const unknown = rules.flatMap(({ tools, arguments: schema }, index) => {
    if (schema === undefined) return [];
    const isFor = compileTools(tools);
    const all = offered.filter(({ tool }) => isFor?.(tool) ?? true).map(argumentsOf);
    const names = new Set(all.flatMap((taken) => taken ?? []));
    // If no tool is known, neither are any arguments. A tool that may accept other arguments is not fully known.
    if (all.length === 0 || all.includes(undefined)) return [];
    const candidates = [...names].slice(0, CANDIDATES_MAX);
    return namedIn(schema)
      .filter(({ name }) => !names.has(name))
      .map(({ name, path }) => ({ name, path: `policy.rules.${index}.arguments.${path}`, candidates }));
  });
  return unknown.slice(0, WARNINGS_MAX).map(({ name, path, candidates }) => ({
    path,
    message: `No tool to which the rule applies has an argument ${name}`,
    suggestions: nearestSlugs(name, candidates),
  }));
}

function namedIn({ properties, required }: JsonObject): { name: string; path: string }[] {
  const members = isJsonObject(properties) ? Object.keys(properties) : [];
  return [
    ...members.map((name) => ({ name, path: `properties.${name}` })),
    ...(Array.isArray(required) ? required : []).flatMap((name, at) =>
      typeof name === 'string' && !members.includes(name) ? [{ name, path: `required.${at}` }] : [],
    ),
  ];
}

/** The names of the arguments that a tool accepts. Undefined if it may accept others as well. */
function readNames(schema: JsonObject): readonly string[] | undefined {
  const { properties, additionalProperties = false } = schema;
  // A list of properties is considered complete, although JSON Schema would accept more.
  const isOpen =
    additionalProperties !== false ||
    elsewhere.some((keyword) => Object.hasOwn(schema, keyword)) ||
    !isJsonObject(properties);
  return isOpen ? undefined : Object.keys(properties);
}
