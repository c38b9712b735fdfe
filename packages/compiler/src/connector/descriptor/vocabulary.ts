/*
 * Closed lists of words in descriptors, also used in responses about connectors. This module loads nothing else of the
 * compiler.
 */

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

/** The types of fields that a person fills in; only credentials can be a `secret`. */
export const fieldTypes = ['string', 'secret', 'number', 'boolean', 'url', 'select'] as const;
