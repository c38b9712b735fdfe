import {
  type InputRequest,
  type InputRequired,
  isJsonObject,
  type JsonObject,
  type PolicyRule,
} from '@toolplane/contracts';

/** The name of the input request. A round that contains it contains no question of a plan. */
export const APPROVAL = 'approval';

/** Longer arguments are cut, because nobody reads more. */
const ARGUMENTS_LENGTH_MAX = 2000;

/** Asks the person behind the client to review a call before it runs. */
export function toApprovalQuestion(
  { title, name, callArguments }: { title: string; name: string; callArguments: JsonObject },
  { description }: PolicyRule,
): InputRequired {
  const reason = description === undefined ? '' : `\n${description}`;
  const message = `Allow ${name} (${title}) to run with these arguments?${reason}\n${toShown(callArguments)}`;
  const request: InputRequest = {
    method: 'elicitation/create',
    params: {
      mode: 'form',
      message,
      requestedSchema: {
        type: 'object',
        properties: { allow: { type: 'boolean', title: 'Allow this call' } },
        required: ['allow'],
      },
    },
  };
  return { ok: true, outcome: 'input_required', inputRequests: { [APPROVAL]: request } };
}

/** Accepting the form is not enough: the answer in the form counts. */
export function isApproved(answer: unknown): boolean {
  return (
    isJsonObject(answer) &&
    answer['action'] === 'accept' &&
    isJsonObject(answer['content']) &&
    answer['content']['allow'] === true
  );
}

function toShown(callArguments: JsonObject): string {
  const text = JSON.stringify(callArguments).replace(INVISIBLE, toEscape);
  return text.length <= ARGUMENTS_LENGTH_MAX
    ? text
    : `${text.slice(0, ARGUMENTS_LENGTH_MAX)}… (${text.length} characters)`;
}

/** Characters that could make the text look like a different one. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const toEscape = (character: string) => `\\u{${character.codePointAt(0)?.toString(16)}}`;
