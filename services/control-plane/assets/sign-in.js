/* The page on which people sign in. */
import { onSubmit, send } from './send.js';

const form = document.querySelector('#sign-in');
const { returnTo } = form.dataset;

onSubmit(form, async ({ email, password }) => {
  const { next } = await send('POST', '/api/v1/sign-in', { email, password });
  location.assign(next === 'done' ? returnTo : `/sign-in/second-factor?return_to=${encodeURIComponent(returnTo)}`);
});
