import { AppError, type Json, type JsonObject, jsonObjectSchema } from '@toolplane/contracts';
import type { Violation } from '@toolplane/json-schema';
import { z } from 'zod';
import type { PreparedQuestion } from './prepare-question.ts';

/** Naming more of them helps nobody. */
const VIOLATIONS_MAX = 50;

/** What clients return, as MCP defines it; they may send more than that. */
const elicited = z.object({
  action: z.enum(['accept', 'decline', 'cancel']),
  content: jsonObjectSchema.nullish(),
});
const sampled = z.looseObject({
  role: z.enum(['user', 'assistant']),
  content: z.union([z.array(jsonObjectSchema), jsonObjectSchema]),
});
const listed = z.looseObject({ roots: z.array(z.looseObject({ uri: z.string() })) });

/** The value of `$answers.<key>` for a response. Throws when it is not an answer to this question. */
export function readAnswer(question: PreparedQuestion, response: Json): Json {
  switch (question.method) {
    case 'elicitation/create':
      return readElicited(question, parse(question, elicited, response));
    case 'sampling/createMessage':
      return parse(question, sampled, response) as Json;
    case 'roots/list':
      return parse(question, listed, response) as Json;
  }
}

/** Holds only what the form asks for, with defaults filled in. Values next to a refusal were never meant to be used. */
function readElicited(question: PreparedQuestion, { action, content }: z.infer<typeof elicited>): Json {
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

/** Names places and rules, never what was answered. */
function invalid({ key }: PreparedQuestion, violations: Violation[]): AppError {
  const [first] = violations;
  const message = `The answer to ${key} is not what was asked for: ${first?.path ?? ''} ${first?.message ?? 'is not valid'}`;
  return new AppError('invalid_input_response', message, { details: violations });
}
