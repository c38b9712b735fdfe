/* The page on which a person agrees that a program uses a server, or does not. */
import { send, toText } from './send.js';

const form = document.querySelector('#consent');
const message = document.querySelector('#message');
const buttons = [...form.querySelectorAll('button')];

form.addEventListener('submit', (event) => {
  event.preventDefault();
  decide(true);
});
document.querySelector('#decline').addEventListener('click', () => decide(false));

// Whoever comes back with the browser's button may try again.
window.addEventListener('pageshow', () => enable(true));

async function decide(agrees) {
  if (buttons[0].disabled) return;
  enable(false);
  message.textContent = '';
  const onlyReads = form.elements.onlyReads?.checked ?? false;
  try {
    const { redirectTo } = await send('POST', location.pathname, { agrees, onlyReads }, form.dataset.csrf);
    location.assign(redirectTo);
  } catch (error) {
    message.textContent = toText(error);
    enable(true);
  }
}

function enable(isEnabled) {
  for (const button of buttons) button.disabled = !isEnabled;
}
