import { isJsonObject, type Json, type JsonObject, type Plan, planLimits } from '@toolplane/contracts';
import { compileJsonSchema, JsonSchemaError, type Validate } from '@toolplane/json-schema';
import type { Part } from '../document/part.ts';
import { suggestName } from '../document/suggest-name.ts';
import { isReadOnly, type Sends } from './tool-annotations.ts';

const cursor: JsonObject = {
  type: 'string',
  description: 'Where to continue: next_cursor of the last answer. Leave it out for the first page.',
};

export type OutputBudget = { outputBytesMax?: number; pagedOutput?: string };

/** What a document runs as a tool. `requests` lists the requests that it can send, if they are already known. */
type Paged = {
  noun: 'flow' | 'workflow';
  inputs: JsonObject | undefined;
  outputs: readonly { name: string }[];
  hasContent: boolean;
  requests?: readonly Sends[];
};

type Read = OutputBudget & {
  /** The inputs, including the one by which pages are requested. */
  pagedInputs?: JsonObject;
};

/** Reads `x-output`: the maximum size of a result, and which list of it is returned page by page. */
export function readOutputBudget(part: Part | undefined, paged: Paged): Read {
  if (part?.object() === undefined) return {};
  part.allowKeys(['max_bytes', 'page']);
  const bytes = part.member('max_bytes')?.number({ min: 1, max: planLimits.outputBytesCeiling, isWhole: true });
  const page = part.member('page');
  const name = page?.text();
  if (page !== undefined && name !== undefined) {
    checkPage(page, name, paged);
    checkCursor(page, paged.inputs ?? {});
  }
  return {
    ...(bytes === undefined ? {} : { outputBytesMax: bytes }),
    ...(name === undefined ? {} : { pagedOutput: name, pagedInputs: withCursor(paged.inputs ?? { type: 'object' }) }),
  };
}

/** Returns the corresponding members of a plan. */
export function toPlanBudget({
  outputBytesMax,
  pagedOutput,
}: OutputBudget): Pick<Plan, 'outputBytesMax' | 'pagedOutput'> {
  return {
    outputBytesMax: outputBytesMax ?? planLimits.outputBytesMax,
    ...(pagedOutput === undefined ? {} : { pagedOutput }),
  };
}

/** Reports a reference to the input that the platform adds, which has no meaning for an upstream. */
export const pageCursorUsed = {
  code: 'page_cursor_used',
  message: "The cursor of x-output.page is the platform's own",
  hint: 'It counts items of the output: to page the upstream, use your own input, without x-output.page.',
} as const;

/** Every further page runs the steps again, so they must do no harm. */
export function checkPageReads(page: Part, noun: Paged['noun'], requests: readonly Sends[]): void {
  if (isReadOnly(requests)) return;
  const hint = `Every page runs the ${noun} again: page only what GET and HEAD read.`;
  page.error('page_not_read_only', `Only a ${noun} that does nothing but read can be paged`, hint);
}

/** Checks that the page is an output, and that the names `cursor` and `next_cursor` have no other meaning. */
function checkPage(part: Part, name: string, { noun, inputs, outputs, hasContent, requests = [] }: Paged): void {
  const names = outputs.map((output) => output.name);
  if (!names.includes(name)) {
    const hint = suggestName(name, names, `Outputs of this ${noun}`);
    part.error('unknown_output', `The ${noun} has no output "${name}"`, hint);
  }
  if (hasContent) {
    const hint = 'Leave x-content out: the page and next_cursor are the text of the answer.';
    part.error('page_with_content', 'Content cannot be returned page by page', hint);
  }
  checkPageReads(part, noun, requests);
  if (Object.hasOwn(propertiesOf(inputs), 'cursor') || names.includes('next_cursor')) {
    const hint = 'The platform adds both: rename yours, or page by yourself.';
    part.error('page_name_taken', `The ${noun} has an input "cursor" or an output "next_cursor"`, hint);
  }
}

/** The first page is requested without a cursor and all others with one, so the inputs must accept both. */
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
