/* How the pages speak with the API of their host. */

/** What a person can do something about. */
export class Problem extends Error {}

/** Gives the data of the answer. `csrf` proves that a page of ours sends this. */
export async function send(method, path, body, csrf) {
  const response = await fetch(path, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(csrf === undefined ? {} : { 'x-csrf-token': csrf }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer = text === '' ? {} : JSON.parse(text);
  if (response.ok) return answer.data;
  throw new Problem(toSentence(response.status, answer.error ?? {}));
}

/** Runs what a form is for, once at a time, and says what went wrong. */
export function onSubmit(form, run) {
  const message = document.querySelector('#message');
  const button = form.querySelector('button[type="submit"]');
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    message.textContent = '';
    try {
      await run(Object.fromEntries(new FormData(form)));
    } catch (error) {
      message.textContent = toText(error);
    }
    button.disabled = false;
  });
}

export function toText(error) {
  return error instanceof Problem ? error.message : 'The request failed. Check the connection and try again.';
}

function toSentence(status, { code = '', message = '', details = [] }) {
  const [violation] = details;
  if (status === 400 && violation !== undefined) {
    return `${violation.path.replace('body.', '')} ${violation.message}.`;
  }
  if (status === 429) return 'Too many attempts. Wait a while, then try again.';
  // Of whom people sign in by, which trying again does not mend.
  if (code.startsWith('upstream_')) return `${message}. Tell an administrator of your organization.`;
  if (status >= 500) return 'Part of the platform is not responding. Try again in a moment.';
  return `${message}.`;
}
