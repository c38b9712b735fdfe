/* The page on which people see to how they sign in. */
import { makePasskey } from './passkey.js';
import { onSubmit, send, toText } from './send.js';

const { csrf } = document.querySelector('#account').dataset;
const message = document.querySelector('#message');
const factors = '/api/v1/session/second-factors';
const ask = (method, path, body) => send(method, path, body, csrf);

/** Not everybody has each form. */
function onForm(form, run) {
  if (form !== null) onSubmit(form, run);
}

/** Nothing is done twice, and what goes wrong is said. */
function onClick(button, run) {
  button?.addEventListener('click', async () => {
    button.disabled = true;
    message.textContent = '';
    try {
      await run(button);
    } catch (error) {
      message.textContent = toText(error);
    }
    button.disabled = false;
  });
}

/** What is listed has changed; codes are shown until they were read. */
function showCodes(codes) {
  if (codes === undefined) return location.reload();
  const section = document.querySelector('#codes');
  section.querySelector('pre').textContent = codes.join('\n');
  section.hidden = false;
  section.focus();
}

const totp = document.querySelector('#totp');
onClick(document.querySelector('#add-totp'), async () => {
  const { id, secret, qrCode } = await ask('POST', `${factors}/totp`);
  const image = new DOMParser().parseFromString(qrCode, 'image/svg+xml').documentElement;
  document.querySelector('#qr-code').replaceChildren(image);
  document.querySelector('#totp-secret').textContent = secret;
  totp.dataset.id = id;
  totp.hidden = false;
  totp.querySelector('input').focus();
});
onForm(totp, async ({ code }) => {
  const { recoveryCodes } = await ask('POST', `${factors}/totp/confirm`, { id: totp.dataset.id, code });
  totp.hidden = true;
  showCodes(recoveryCodes);
});

onClick(document.querySelector('#add-passkey'), async () => {
  const response = await makePasskey(await ask('POST', `${factors}/passkey`));
  const { recoveryCodes } = await ask('POST', `${factors}/passkey/confirm`, { response });
  showCodes(recoveryCodes);
});

onClick(document.querySelector('#new-codes'), async () => {
  showCodes((await ask('POST', '/api/v1/session/recovery-codes')).codes);
});

onForm(document.querySelector('#password'), async ({ current, password }) => {
  await ask('PUT', '/api/v1/session/password', { current, password });
  document.querySelector('#password').reset();
  message.textContent = 'The password has been changed.';
});

for (const button of document.querySelectorAll('[data-remove]')) {
  onClick(button, async () => {
    await ask('DELETE', `${factors}/${button.dataset.remove}`);
    location.reload();
  });
}
for (const button of document.querySelectorAll('[data-end]')) {
  onClick(button, async () => {
    await ask('DELETE', `/api/v1/sessions/${button.dataset.end}`);
    location.reload();
  });
}
for (const button of document.querySelectorAll('[data-revoke]')) {
  onClick(button, async () => {
    await ask('DELETE', `/api/v1/grants/${button.dataset.revoke}`);
    location.reload();
  });
}
onClick(document.querySelector('#sign-out'), async () => {
  await ask('DELETE', '/api/v1/session');
  location.assign('/sign-in');
});
