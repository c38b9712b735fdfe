import { AppError, inputResponseSchemas, type Json, type JsonObject } from '@toolplane/contracts';
import type { Violation } from '@toolplane/json-schema';
import type { z } from 'zod';
import type { PreparedQuestion } from './prepare-question.ts';

type Elicited = z.infer<(typeof inputResponseSchemas)['elicitation/create']>;

/** The maximum number of violations that an error lists; listing more helps nobody. */
const VIOLATIONS_MAX = 50;

/** Returns the value of `$answers.<key>` for a response. Throws if the response is not an answer to this question. */
export function readAnswer(question: PreparedQuestion, response: Json): Json {
  if (question.method === 'elicitation/create') {
    return readElicited(question, parse(question, inputResponseSchemas['elicitation/create'], response));
  }
  return parse<unknown>(question, inputResponseSchemas[question.method], response) as Json;
}

/**
 * Returns only the fields that the form asks for, with defaults filled in. Values that come with a refusal are ignored,
 * because they were not meant to be used.
 */
function readElicited(question: PreparedQuestion, { action, content }: Elicited): Json {
  if (action !== 'accept') {
    if (question.isOptional) return { action };
    const done = action === 'decline' ? 'declined' : 'cancelled';
    throw new AppError('input_declined', `The user ${done} what the tool asked for: ${question.key}`);
  }
  if (question.form === undefined) return { action };
  const validated = question.form.validate(content ?? {});
  if (validated.ok) return { action, content: pick(validated.value as JsonObject, question.form.fields) };
  throw invalid(
    question,
    validated.violations.map(({ path, rule, message }) => ({ path: `/content${path}`, rule, message })),
  );
}

function parse<Result>(question: PreparedQuestion, schema: z.ZodType<Result>, response: Json): Result {
  const parsed = schema.safeParse(response);
  if (parsed.success) return parsed.data;
  throw invalid(
    question,
    parsed.error.issues.slice(0, VIOLATIONS_MAX).map(({ path, code, message }) => ({
      path: path.map((it) => `/${String(it)}`).join(''),
      rule: code,
      message,
    })),
  );
}

function pick(content: JsonObject, fields: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(content).filter(([name]) => fields.has(name)));
}

/** The error names positions and rules, never an answer. */
function invalid({ key }: PreparedQuestion, violations: Violation[]): AppError {
  const [first] = violations;
  const message = `The answer to ${key} is not what was asked for: ${first?.path ?? ''} ${first?.message ?? 'is not valid'}`;
  return new AppError('invalid_input_response', message, { details: violations });
}
