/* Closed lists of words in descriptors, which answers about connectors use too. Loads nothing of the compiler. */

export const connectorCategories = ['database', 'file_storage', 'saas', 'messaging', 'analytics', 'custom'] as const;
export type ConnectorCategory = (typeof connectorCategories)[number];

export const authenticationTypes = [
  'none',
  'api_key',
  'bearer',
  'basic',
  'oauth2_client_credentials',
  'oauth2_authorization_code',
  'oauth2_token_exchange',
  'custom',
] as const;

/** What somebody fills in; only credentials can be a `secret`. */
export const fieldTypes = ['string', 'secret', 'number', 'boolean', 'url', 'select'] as const;
