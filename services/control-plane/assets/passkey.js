/* Passkeys, as browsers have them: what the API asks goes in, and what it is to be told comes out. */
import { Problem } from './send.js';

export async function makePasskey(options) {
  return ask((publicKey) => navigator.credentials.create({ publicKey }), 'parseCreationOptionsFromJSON', options);
}

export async function usePasskey(options) {
  return ask((publicKey) => navigator.credentials.get({ publicKey }), 'parseRequestOptionsFromJSON', options);
}

async function ask(run, parse, options) {
  const kind = window.PublicKeyCredential;
  if (kind?.[parse] === undefined) throw new Problem('This browser cannot use passkeys here.');
  try {
    return (await run(kind[parse](options))).toJSON();
  } catch {
    throw new Problem('The passkey was not used.');
  }
}
