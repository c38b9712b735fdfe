/* The page on which people sign in. */
import { onSubmit, send, toText } from './send.js';

const form = document.querySelector('#sign-in');
const button = document.querySelector('#sso');
const { returnTo } = form.dataset;

onSubmit(form, async ({ email, password }) => {
  const { next } = await send('POST', '/api/v1/sign-in', { email, password });
  location.assign(next === 'done' ? returnTo : `/sign-in/second-factor?return_to=${encodeURIComponent(returnTo)}`);
});

/** People of some domains sign in elsewhere; their password, if they have one, may be of no use. */
form.elements.email.addEventListener('change', async ({ target }) => {
  button.hidden = true;
  const domain = target.value.trim().split('@').at(-1);
  if (!target.value.includes('@') || domain === '') return;
  try {
    const found = await send('GET', `/api/v1/sign-in/sso?domain=${encodeURIComponent(domain)}`);
    button.hidden = found === null;
    button.textContent = found === null ? '' : `Continue with ${found.issuerHost}`;
  } catch {
    // What is no domain yet has no button yet.
  }
});

button.addEventListener('click', async () => {
  const message = document.querySelector('#message');
  message.textContent = '';
  button.disabled = true;
  try {
    const email = form.elements.email.value;
    const { authorizationUrl } = await send('POST', '/api/v1/sign-in/sso', { email, returnTo });
    location.assign(authorizationUrl);
  } catch (error) {
    message.textContent = toText(error);
    button.disabled = false;
  }
});
