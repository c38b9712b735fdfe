import type { Authentication } from '../descriptor/authentication-schema.ts';
import type { Connector } from '../descriptor/connector-schema.ts';
import { idOf } from '../descriptor/credential-fields.ts';
import type { ConnectorField } from '../descriptor/field-schema.ts';
import type { Operation } from '../descriptor/operation-schema.ts';
import { type ConnectorChange, createDiff, type Diff, isSame } from './changes.ts';
import { diffParameters } from './diff-parameters.ts';

export type ConnectorDiff = { isBreaking: boolean; changes: ConnectorChange[] };

/**
 * Compares two versions of a descriptor by ids, in the words of its users. A change is breaking if an agent, or a
 * person who provided credentials, has to react to it: a call that worked may no longer work.
 */
export function diffConnectors(before: Connector, after: Connector): ConnectorDiff {
  const diff = createDiff();
  diff.members('/metadata', 'The metadata', before.metadata, after.metadata, ['configuration']);
  diff.lists(
    { path: '/metadata/configuration', noun: 'setting', keyOf: ({ key }) => key },
    before.metadata.configuration,
    after.metadata.configuration,
    {
      isAdditionBreaking: ({ required, default_value: value }) => required && value === undefined,
      compare: (path, name, left, right) => {
        const isNowNeeded = right.required && !left.required && right.default_value === undefined;
        diff.value(path, name, left, right, isNowNeeded || left.field_type !== right.field_type);
      },
    },
  );
  diffAuthentication(diff, before, after);
  diffOperations(diff, before, after);
  diffTools(diff, before, after);
  diff.lists(
    { path: '/credential_chains', noun: 'sign-in', keyOf: ({ id }) => id },
    before.credential_chains,
    after.credential_chains,
    {},
  );
  diff.value('/rate_limits', 'The rate limits', before.rate_limits, after.rate_limits, false);
  for (const key of ['capabilities', 'database_config', 'sla'] as const) {
    diff.value(`/${key}`, `"${key}"`, before[key], after[key], false);
  }
  return { isBreaking: diff.changes.some(({ isBreaking }) => isBreaking), changes: diff.changes };
}

function diffAuthentication(diff: Diff, before: Connector, after: Connector): void {
  const keys = { path: '/authentication', noun: 'authentication', keyOf: (each: Authentication) => idOf(each) };
  diff.lists<Authentication>(keys, before.authentication, after.authentication, {
    isRemovalBreaking: () => true,
    compare: (path, name, left, right) => {
      const withoutFields = [left, right].map(({ fields: _, ...others }) => others);
      // Callers who send their own credentials are then refused.
      const isRefusing = callerTokenOf(right) === 'refuse' && callerTokenOf(left) !== 'refuse';
      diff.value(path, name, withoutFields[0], withoutFields[1], isRefusing || left.type !== right.type);
      const fields = {
        path: `${path}/fields`,
        noun: 'field',
        keyOf: ({ key }: ConnectorField) => key,
        around: `${name}: `,
      };
      diff.lists<ConnectorField>(fields, left.fields, right.fields, {
        // Stored credentials do not have this field.
        isAdditionBreaking: ({ required, default_value: value }) => required && value === undefined,
        compare: (at, field, was, is) => diff.value(at, field, was, is, is.required && !was.required),
      });
    },
  });
}

function callerTokenOf(authentication: Authentication): string | undefined {
  return 'caller_token' in authentication ? authentication.caller_token : undefined;
}

function diffOperations(diff: Diff, before: Connector, after: Connector): void {
  const keys = { path: '/operations', noun: 'operation', keyOf: (operation: Operation) => operation.operation_id };
  diff.lists(keys, before.operations, after.operations, {
    isRemovalBreaking: () => true,
    compare: (path, name, { parameters, ...left }, { parameters: nowParameters, ...right }) => {
      diff.members(path, name, left, right, [], ({ key }) => {
        // The credentials of an instance may no longer match the operation, and a different pick changes the result.
        if (key === 'response') return !isSame(givenOf(left), givenOf(right));
        return key === 'auth_type_ref' || key === 'pagination';
      });
      diffParameters(diff, { path, around: `${name}: ` }, parameters, nowParameters);
    },
  });
}

/** Returns the settings that affect a successful call. */
function givenOf({ response: { error_pick: _, ...given } = {} }: Pick<Operation, 'response'>) {
  return given;
}

function diffTools(diff: Diff, before: Connector, after: Connector): void {
  const [left, right] = [before.mcp_config, after.mcp_config];
  const mappingsOf = (config: typeof left) => (config?.enabled ? config.route_mappings : []);
  if (left?.enabled === true && right?.enabled !== true) {
    diff.add('changed', '/mcp_config/enabled', true, 'The server is no longer enabled: it has no tools');
  } else if (left?.enabled !== true && right?.enabled === true) {
    diff.add('changed', '/mcp_config/enabled', false, 'The server is now enabled');
  }
  for (const key of ['server_name', 'server_description'] as const) {
    diff.value(`/mcp_config/${key}`, `"${key}"`, left?.[key], right?.[key], false);
  }
  diff.lists(
    { path: '/mcp_config/route_mappings', noun: 'tool', keyOf: (mapping) => mapping.mcp_tool_name },
    mappingsOf(left),
    mappingsOf(right),
    {
      isRemovalBreaking: () => true,
      compare: (path, name, was, is) => {
        diff.members(path, name, was, is, [], ({ key }) => key === 'operation_id' || key === 'parameter_mappings');
      },
    },
  );
}
