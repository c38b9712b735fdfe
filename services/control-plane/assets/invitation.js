/* The page on which somebody becomes a member. */
import { onSubmit, send } from './send.js';

const form = document.querySelector('#accept');
const { token, way, csrf, home } = form.dataset;

onSubmit(form, async ({ name, email, password }) => {
  if (way === 'session') await send('POST', '/api/v1/session/invitations', { token }, csrf);
  else await send('POST', '/api/v1/invitations/accept', { token, name, email, password });
  location.assign(home);
});
