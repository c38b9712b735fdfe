import { pointerSegments } from '@toolplane/contracts';
import { compileJsonSchema, JsonSchemaError } from '@toolplane/json-schema';
import type { Part } from '../../document/part.ts';
import type { Hint } from '../../document/problems.ts';
import { type Audience, checkTools } from '../../ergonomics/check-tools.ts';
import type { PlacedTool } from '../../ergonomics/placed-tool.ts';
import { isSimple, toInputSchema, visibleParameters } from '../compile/to-input-schema.ts';
import type { DescriptorDraft } from '../descriptor/draft.ts';
import type { RouteMapping } from '../descriptor/mcp-config-schema.ts';
import type { Operation } from '../descriptor/operation-schema.ts';
import { placeInside } from './place-inside.ts';

/** Some models are refused a whole list of tools because of one input with any other name. */
const INPUT_NAME = /^[A-Za-z0-9_.-]{1,64}$/;

type Mapped = {
  draft: DescriptorDraft;
  mapping: RouteMapping;
  part: Part;
  operation: Operation;
  index: number;
  warn: Warn;
};

type Warn = (place: Part, code: string, message: string, hint: Hint) => void;

/** Checks the tools as a client will see them. */
export function checkMappedTools(draft: DescriptorDraft, audience: Audience): void {
  const mapped = listMapped(draft);
  for (const each of mapped) checkInputs(each);
  checkTools(mapped.map(placeTool), audience, (code, message, hint) => {
    draft.at('mcp_config', 'route_mappings').warn(code, message, hint, { at: 'key' });
  });
}

function listMapped(draft: DescriptorDraft): Mapped[] {
  const { mcp_config: config, operations } = draft.connector;
  if (!config?.enabled) return [];
  const warn = warnOnce();
  const byId = new Map(operations.map((operation, index) => [operation.operation_id, { operation, index }]));
  return config.route_mappings.flatMap((mapping, at): Mapped[] => {
    const found = byId.get(mapping.operation_id);
    if (found === undefined) return [];
    return [{ draft, mapping, part: draft.at('mcp_config', 'route_mappings', at), ...found, warn }];
  });
}

/** Reports each warning once, because several tools may use one operation. */
function warnOnce(): Warn {
  const reported = new Set<string>();
  return (place, code, message, hint) => {
    const line = `${place.pointer} ${code} ${message}`;
    if (!reported.has(line)) place.warn(code, message, hint);
    reported.add(line);
  };
}

function checkInputs(mapped: Mapped): void {
  const { draft, mapping, operation, index } = mapped;
  for (const { name, index: at } of visibleParameters(operation, mapping)) {
    if (INPUT_NAME.test(name)) continue;
    const place = draft.at('operations', index, 'parameters', at, 'name');
    const hint = 'Use letters, digits, "_", "." and "-", at most 64; send_as keeps the name in the request.';
    mapped.warn(place, 'odd_input_name', `Some models refuse tools with an input "${name.slice(0, 100)}"`, hint);
  }
  if (isSimple(operation)) return;
  const schema = toInputSchema(operation, mapping);
  try {
    const validate = compileJsonSchema(schema, { forFewValues: true });
    const validated = validate({});
    if (validated.ok) return;
    for (const { path, rule, message } of validated.violations) {
      if (path === '' && rule === 'required') continue;
      const place = placeOf(mapped, pointerSegments(path), 'default_value');
      reportOnce(place, 'invalid_default', `The default ${message}`, 'Correct the default.');
    }
  } catch (thrown) {
    if (!(thrown instanceof JsonSchemaError)) throw thrown;
    const [first, ...segments] = pointerSegments(thrown.pointer);
    const place = placeOf(mapped, first === 'properties' ? segments : [], 'schema');
    reportOnce(place, thrown.code ?? 'invalid_schema', thrown.message, 'Correct the JSON Schema.');
  }
}

/** Parameters without a schema are already checked. */
function reportOnce(place: Part, code: string, message: string, hint: string): void {
  if (place.problems.errors().some(({ pointer }) => pointer === place.pointer)) return;
  place.error(code, message, hint);
}

/** Returns the location of an input or of a part of its schema, as deep as the document contains it. */
function placeOf(
  { draft, mapping, operation, index }: Mapped,
  [name, ...rest]: string[],
  key: 'schema' | 'default_value',
): Part {
  const parameter = visibleParameters(operation, mapping).find((each) => each.name === name);
  if (parameter === undefined) return draft.at('operations', index);
  const part = draft.at('operations', index, 'parameters', parameter.index);
  return placeInside(part.member(key) ?? part, rest);
}

/** The keys of a mapping that contain the parts of a tool. */
const keys: Record<string, string> = { name: 'mcp_tool_name', description: 'mcp_tool_description' };

const CREDENTIAL_HINT = 'Use auth_headers or auth_query: an input passes through the chat.';

function placeTool(mapped: Mapped): PlacedTool {
  const { mapping, operation } = mapped;
  return {
    name: mapping.mcp_tool_name,
    description: mapping.mcp_tool_description,
    inputSchema: toInputSchema(operation, mapping),
    warn(member, code, message, hint) {
      const isCredential = code === 'credential_input';
      mapped.warn(placeOfMember(mapped, member), code, message, isCredential ? CREDENTIAL_HINT : hint);
    },
  };
}

function placeOfMember(mapped: Mapped, member: string): Part {
  const [first = '', , ...inside] = pointerSegments(member);
  if (first === 'inputSchema') return placeOf(mapped, inside, 'schema');
  const key = keys[first];
  return key === undefined ? mapped.part : mapped.part.place(key);
}
