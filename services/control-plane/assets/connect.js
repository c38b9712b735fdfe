/*
 * The page on which a person connects. What is typed in is sealed here for the data plane (as `sealSecret` does it), so
 * that nobody on the way can read it, this platform's own API included.
 */
import { CompactEncrypt } from './jose/jwe/compact/encrypt.js';
import { importJWK } from './jose/key/import.js';

const form = document.querySelector('#connect');
const message = document.querySelector('#message');
const button = form.querySelector('button');
const time = document.querySelector('time');

time.textContent = new Date(time.dateTime).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  if (button.disabled) return;
  button.disabled = true;
  clearProblems();
  try {
    const answer = await send(form.dataset.way === 'fields' ? { sealed: await seal() } : {});
    if (answer.authorization_url !== undefined) return location.assign(answer.authorization_url);
    showDone();
  } catch (error) {
    message.textContent =
      error instanceof Problem ? error.message : 'The request failed. Check the connection and try again.';
  }
  button.disabled = false;
});

// Whoever comes back from the provider with the browser's button may try again.
window.addEventListener('pageshow', () => {
  button.disabled = false;
});

class Problem extends Error {}

async function seal() {
  if (!isSecureContext) throw new Problem('Open this page over https: nothing can be encrypted here.');
  const filled = [...form.elements].filter((field) => field.name !== '' && field.value !== '');
  const typedHosts = filled.filter((field) => field.dataset.type === 'url').map((field) => new URL(field.value).host);
  const hosts = [...new Set([...JSON.parse(form.dataset.hosts), ...typedHosts])];
  if (hosts.length === 0) {
    throw new Problem('The connector does not declare where this may be sent, so it cannot be connected here.');
  }
  const value = Object.fromEntries(filled.map((field) => [field.name, field.value]));
  const { key, audience } = JSON.parse(form.dataset.target);
  return new CompactEncrypt(new TextEncoder().encode(JSON.stringify({ value, hosts })))
    .setProtectedHeader({ alg: 'ECDH-ES+A256KW', enc: 'A256GCM', kid: key.kid, aud: audience })
    .encrypt(await importJWK(key, 'ECDH-ES+A256KW'));
}

async function send(body) {
  const response = await fetch(location.pathname, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (response.ok) return answer;
  throw new Problem(toSentence(response.status, answer.error ?? {}));
}

function toSentence(status, { code, message: text, details = [] }) {
  const named = details.filter(showProblem);
  if (named.length > 0) return 'Some fields are not valid: see above.';
  if (status === 401) return 'Your session has ended. Reload this page to sign in again.';
  if (status === 404) return 'This link has expired. Ask your agent for a new one.';
  if (code === 'quota_exceeded') return 'Your organization has no room for another user. Tell its administrator.';
  if (code === 'conflict') return `${text}. Ask your agent for a new link.`;
  if (status === 429) return 'Too many attempts. Wait a minute, then try again.';
  if (status === 424) return `Nobody can sign in yet: ${text}.`;
  if (status >= 500) return 'Part of the platform is not responding. Nothing was connected. Try again in a moment.';
  return `The request was refused: ${text}.`;
}

/** At the field that it is about; false when there is none. */
function showProblem({ path, message: text }) {
  const field = form.elements.namedItem(/^\/value\/(\w+)$/.exec(path)?.[1] ?? '');
  if (field === null) return false;
  field.setAttribute('aria-invalid', 'true');
  document.querySelector(`#${field.id}-problem`).textContent = `It ${text}.`;
  if (form.querySelector('[aria-invalid]') === field) field.focus();
  return true;
}

function clearProblems() {
  message.textContent = '';
  for (const problem of form.querySelectorAll('.problem')) problem.textContent = '';
  for (const field of form.querySelectorAll('[aria-invalid]')) field.removeAttribute('aria-invalid');
}

/** Nothing that was typed in stays in the page. */
function showDone() {
  form.reset();
  const done = document.querySelector('#done');
  done.parentElement.replaceChildren(done);
  done.hidden = false;
  document.title = 'Connected';
  done.focus();
}
