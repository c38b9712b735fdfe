import {
  type InputRequest,
  type InputRequired,
  isJsonObject,
  type JsonObject,
  type PolicyRule,
} from '@toolplane/contracts';

/** Name of the input request. No question of a plan is in the same round. */
export const APPROVAL = 'approval';

/** Nobody reads more. */
const ARGUMENTS_LENGTH_MAX = 2000;

/** Lets the person behind the client review a call before it runs. */
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

/** Accepting the form is not enough: the answer in it counts. */
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
