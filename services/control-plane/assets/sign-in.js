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
async function offer() {
  button.hidden = true;
  const { value } = form.elements.email;
  const domain = value.trim().split('@').at(-1);
  if (!value.includes('@') || domain === '') return;
  try {
    const found = await send('GET', `/api/v1/sign-in/sso?domain=${encodeURIComponent(domain)}`);
    // Another address was written meanwhile, which is asked for itself.
    if (form.elements.email.value !== value) return;
    button.hidden = found === null;
    button.textContent = found === null ? '' : `Continue with ${found.issuerHost}`;
  } catch {
    // What is no domain yet has no button yet.
  }
}

form.elements.email.addEventListener('change', offer);
// Whoever comes back from the issuer with the browser's button may try again; their address may be there already.
window.addEventListener('pageshow', () => {
  button.disabled = false;
  offer();
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
