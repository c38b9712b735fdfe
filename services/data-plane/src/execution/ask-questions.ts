/*
 * What a plan asks the client for before its first step. Nothing is kept here between rounds: what was answered so far
 * travels in `state`, which the edge seals, so only its form is checked.
 */
import { AppError, type InputRequired, type Json, type JsonObject, jsonSchema } from '@toolplane/contracts';
import type { Scope } from '@toolplane/expressions';
import { z } from 'zod';
import { completeStrings } from './complete-strings.ts';
import { findOpenQuestions } from './open-questions.ts';
import type { PreparedQuestion } from './prepare-question.ts';
import { readAnswer } from './read-answer.ts';
import type { Redactor } from './redact.ts';
import { type Run, redactorOf } from './run.ts';

const STATE_BYTES_MAX = 64 * 1024;

const stateSchema = z.strictObject({ answers: z.record(z.string(), jsonSchema) });

/** Leaves the answers in the scope; what comes back is what must be asked before the steps can run. */
export function askQuestions(run: Run): InputRequired | undefined {
  const { call, scope, prepared } = run;
  const answers = readState(call.state);
  scope.answers = answers;
  // All rounds first: nobody is asked in vain by a plan that cannot ask its last question.
  const rounds = prepared.questions.map((round) => findOpenQuestions(round, answers, call.abilities ?? []));
  let responses = call.inputResponses ?? {};
  for (const round of rounds) {
    if (round.length === 0) continue;
    for (const question of round) {
      const { key } = question;
      if (Object.hasOwn(responses, key)) answers[key] = readAnswer(question, responses[key] ?? null);
    }
    const unanswered = round.filter(({ key }) => !Object.hasOwn(answers, key));
    if (unanswered.length > 0) return requireInput(run, unanswered, answers);
    // They were given before a later round was seen by anybody.
    responses = {};
  }
  return undefined;
}

function requireInput(run: Run, questions: readonly PreparedQuestion[], answers: Record<string, Json>): InputRequired {
  const state = JSON.stringify({ answers });
  if (Buffer.byteLength(state) > STATE_BYTES_MAX) {
    throw new AppError('invalid_input_response', `The answers have more than ${STATE_BYTES_MAX} bytes in all`);
  }
  const redactor = redactorOf(run);
  const inputRequests = Object.fromEntries(
    questions.map((question) => {
      const params = buildParams(question, run.scope, redactor);
      return [question.key, { method: question.method, params }];
    }),
  );
  return { ok: true, outcome: 'input_required', inputRequests, state };
}

/** The schema of a form is not masked: it is the document's, and the answer must fit it. */
function buildParams({ key, params: evaluate }: PreparedQuestion, scope: Scope, redactor: Redactor): JsonObject {
  const { requestedSchema, ...computed } = evaluate(scope) as JsonObject;
  const params = redactor.redact(completeStrings(computed, `questions/${key}`)) as JsonObject;
  return requestedSchema === undefined ? params : { ...params, requestedSchema };
}

function readState(text: string | undefined): Record<string, Json> {
  const answers: Record<string, Json> = Object.create(null);
  if (text === undefined) return answers;
  return Object.assign(answers, parseState(text).answers);
}

function parseState(text: string): z.infer<typeof stateSchema> {
  try {
    return stateSchema.parse(JSON.parse(text));
  } catch {
    throw new AppError('invalid_input_response', 'The state of the call is not one of this tool');
  }
}
