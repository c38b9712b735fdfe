/** What a client sends. A public server requires nothing, and refuses a key that is empty or not valid. */
export type Access = 'nothing' | 'key' | 'sign-in';

export type ServerEndpoint = { name: string; url: string; access: Access };

/** How one kind of client is configured for a server. */
export type ClientConfig = {
  client: string;
  /** Where the text belongs: in a file, or in a terminal. If there is no text, the reason. */
  where: string;
  text?: string;
  /** A link that opens the client and configures it there. */
  installLink?: string;
};

export const KEY_VARIABLE = 'TOOLPLANE_KEY';
/** For programs that do not sign anybody in, but send an access token that was obtained elsewhere. */
export const TOKEN_VARIABLE = 'TOOLPLANE_TOKEN';

/** For clients that sign people in themselves. JSON leaves out undefined members. */
export function toKeyHeaders(access: Access, key: string): Record<string, string> | undefined {
  return access === 'key' ? { 'x-api-key': key } : undefined;
}

/** The option of a command for such clients, followed by a space. */
export function toKeyOption(access: Access, option: string): string {
  return access === 'key' ? `${option} "x-api-key: $${KEY_VARIABLE}" ` : '';
}

/** The option of a command that signs nobody in, followed by a space. */
export function toCredentialOption(access: Access, option: string): string {
  return access === 'sign-in' ? `${option} "authorization: Bearer $${TOKEN_VARIABLE}" ` : toKeyOption(access, option);
}

export function toJson(value: object): string {
  return JSON.stringify(value, null, 2);
}
