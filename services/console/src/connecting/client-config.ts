/** What a client sends: a public server wants nothing, and refuses a key that is empty or not valid. */
export type Access = 'nothing' | 'key' | 'sign-in';

export type Endpoint = { name: string; url: string; access: Access };

/** How one kind of client is configured for a server. */
export type ClientConfig = {
  client: string;
  /** Where the text goes: a file, or that it is run in a terminal. Without a text: why there is none. */
  where: string;
  text?: string;
  /** Opens the client and configures it there. */
  installLink?: string;
};

export const KEY_VARIABLE = 'TOOLPLANE_KEY';
/** For programs that do not sign anybody in, but send an access token that they have got elsewhere. */
export const TOKEN_VARIABLE = 'TOOLPLANE_TOKEN';

/** For clients that sign people in by themselves. JSON leaves out what is undefined. */
export function toKeyHeaders(access: Access, key: string): Record<string, string> | undefined {
  return access === 'key' ? { 'x-api-key': key } : undefined;
}

/** The option of a command for such clients, and the space after it. */
export function toKeyOption(access: Access, option: string): string {
  return access === 'key' ? `${option} "x-api-key: $${KEY_VARIABLE}" ` : '';
}

/** The option of a command that signs nobody in, and the space after it. */
export function toCredentialOption(access: Access, option: string): string {
  return access === 'sign-in' ? `${option} "authorization: Bearer $${TOKEN_VARIABLE}" ` : toKeyOption(access, option);
}

export function toJson(value: object): string {
  return JSON.stringify(value, null, 2);
}
