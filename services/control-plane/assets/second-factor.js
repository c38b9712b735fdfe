/* The page after the password. */
import { usePasskey } from './passkey.js';
import { onSubmit, send, toText } from './send.js';

const form = document.querySelector('#second-factor');
const { csrf, returnTo } = form.dataset;

async function give(given) {
  await send('POST', '/api/v1/sign-in/second-factor', given, csrf);
  location.assign(returnTo);
}

if (form.querySelector('button[type="submit"]') !== null) onSubmit(form, ({ code }) => give({ code }));
onSubmit(document.querySelector('#recovery'), ({ recoveryCode }) => give({ recoveryCode }));

document.querySelector('#passkey')?.addEventListener('click', async () => {
  try {
    const options = await send('POST', '/api/v1/sign-in/passkey-options', undefined, csrf);
    await give({ passkey: await usePasskey(options) });
  } catch (error) {
    document.querySelector('#message').textContent = toText(error);
  }
});
