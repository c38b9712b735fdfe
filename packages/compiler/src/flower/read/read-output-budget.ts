import { isJsonObject, type Json, type JsonObject } from '@toolplane/contracts';
import { compileJsonSchema, JsonSchemaError, type Validate } from '@toolplane/json-schema';
import type { Part } from '../../document/part.ts';
import { suggestName } from '../../document/suggest-name.ts';
import { isReadOnly } from '../../tools/tool-annotations.ts';
import type { Expression, Flow, Step } from '../model.ts';
import { requestsOf } from '../requests-of.ts';

const BYTES_MAX = 1024 * 1024;

const cursor: JsonObject = {
  type: 'string',
  description: 'Where to continue: next_cursor of the last answer. Leave it out for the first page.',
};

type Budget = Pick<Flow, 'outputBytesMax' | 'pagedOutput'> & {
  /** With the input that pages are asked for by. */
  pagedInputs?: JsonObject;
};

/** `x-output`: how much an answer may hold, and which list of it is given page by page. */
export function readOutputBudget(
  part: Part | undefined,
  flow: { inputs: JsonObject | undefined; steps: Step[]; outputs: Expression[]; hasContent: boolean },
): Budget {
  if (part?.object() === undefined) return {};
  part.allowKeys(['max_bytes', 'page']);
  const bytes = part.member('max_bytes')?.number({ min: 1, max: BYTES_MAX, isWhole: true });
  const page = part.member('page');
  const name = page?.text();
  if (page !== undefined && name !== undefined) {
    checkPage(page, name, flow);
    checkCursor(page, flow.inputs ?? {});
  }
  return {
    ...(bytes === undefined ? {} : { outputBytesMax: bytes }),
    ...(name === undefined ? {} : { pagedOutput: name, pagedInputs: withCursor(flow.inputs ?? { type: 'object' }) }),
  };
}

/** A further page runs the flow once more, which must do no harm and must not meet other meanings of the two names. */
function checkPage(
  part: Part,
  name: string,
  { inputs, steps, outputs, hasContent }: Parameters<typeof readOutputBudget>[1],
): void {
  const names = outputs.map((output) => output.name);
  if (!names.includes(name)) {
    const hint = suggestName(name, names, 'Outputs of this flow');
    part.error('unknown_output', `The flow has no output "${name}"`, hint);
  }
  if (hasContent) {
    const hint = 'Leave x-content out: the page and next_cursor are the text of the answer.';
    part.error('page_with_content', 'Content cannot be returned page by page', hint);
  }
  if (!isReadOnly(requestsOf(steps))) {
    const hint = 'Every page runs the flow again: page only what GET and HEAD read.';
    part.error('page_not_read_only', 'Only a flow that does nothing but read can be paged', hint);
  }
  if (Object.hasOwn(propertiesOf(inputs), 'cursor') || names.includes('next_cursor')) {
    const hint = 'The platform adds both: rename yours, or page by yourself.';
    part.error('page_name_taken', 'The flow has an input "cursor" or an output "next_cursor"', hint);
  }
}

/** The first page is asked for without a cursor, all others with one, so the inputs must accept both. */
function checkCursor(part: Part, inputs: JsonObject): void {
  const { required } = inputs;
  if (Array.isArray(required) && required.includes('cursor')) {
    part.error(
      'page_cursor_refused',
      'The inputs require "cursor"',
      'The first page has none: remove it from required.',
    );
  } else if (refusesCursor(inputs)) {
    const hint = 'Write out the properties under inputs.properties, or let the schema allow others.';
    part.error('page_cursor_refused', 'The inputs would refuse "cursor", which the platform adds', hint);
  }
}

function refusesCursor(inputs: JsonObject): boolean {
  try {
    const validate = compileJsonSchema({ ...withCursor(inputs), required: [] }, { forFewValues: true });
    const without = listViolations(validate, {});
    return listViolations(validate, { cursor: '1' }).some((violation) => !without.includes(violation));
  } catch (thrown) {
    if (!(thrown instanceof JsonSchemaError)) throw thrown;
    return false;
  }
}

function listViolations(validate: Validate, value: JsonObject): string[] {
  const validated = validate(value);
  return validated.ok ? [] : validated.violations.map(({ path, rule, message }) => `${path} ${rule} ${message}`);
}

function withCursor(inputs: JsonObject): JsonObject {
  return { ...inputs, properties: { ...propertiesOf(inputs), cursor } };
}

function propertiesOf(inputs: JsonObject | undefined): { [name: string]: Json } {
  const properties = inputs?.['properties'];
  return isJsonObject(properties) ? properties : {};
}
