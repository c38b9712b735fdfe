import {
  AppError,
  type ConnectionTest,
  type CredentialRef,
  connectionTestSchema,
  type Plan,
} from '@toolplane/contracts';
import type { Commands } from '../../platform/commands/commands.ts';
import type { Database } from '../../platform/database/database.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import type { ConnectorDeployments } from '../../servers/deployments/connector-deployments.ts';
import { type CredentialRequest, toCredentialRef } from '../credentials/credential-subject.ts';
import { getInstance, getRunningVersion } from './connector-instances.ts';
import { homeOf, toInstancePool } from './instance-owner.ts';
import { toServerDraft, toTarget } from './settle-instance.ts';
import * as store from './store.ts';

/** Calls the test endpoint of the descriptor with the given credentials, or with those for callers without a name. */
export type TestConnection = (
  principal: Principal,
  instanceId: string,
  whose: CredentialRequest | undefined,
) => Promise<ConnectionTest>;

const MESSAGE_LENGTH_MAX = 500;

export function createTestConnection(options: {
  database: Database;
  commands: Commands;
  deployments: ConnectorDeployments;
}): TestConnection {
  const { database, commands, deployments } = options;

  /**
   * Compiles the version that the instance runs, in the workspace of the principal: the credentials of a caller without
   * a name are never those of another workspace.
   */
  async function compile(principal: Principal, instance: store.Instance): Promise<Plan> {
    const version = await database.within(principal, (tx) => getRunningVersion(tx, instance));
    const server = toServerDraft(principal, instance.connector);
    const { compilation, diagnostics } = await deployments.compile(server, version.text, toTarget(instance));
    if (compilation === undefined) {
      const errors = diagnostics.filter(({ severity }) => severity === 'error');
      const details = errors.map(({ pointer, message }) => ({ path: `descriptor#${pointer}`, message }));
      throw new AppError('invalid_document', 'The connector does not compile for this instance', { details });
    }
    if (compilation.connectionTest !== undefined) return compilation.connectionTest;
    throw new AppError('conflict', `The connector does not declare how to test ${instance.authType}`);
  }

  /**
   * The state is saved even if the data plane does not answer, but only for shared credentials, not for those of a user
   * or agent.
   */
  async function run(instance: store.Instance, plan: Plan, ref: CredentialRef | undefined): Promise<ConnectionTest> {
    const isShared = ref?.scope !== 'user' && ref?.scope !== 'agent';
    const save = async (state: store.TestState) => {
      if (isShared) await database.within(homeOf(instance), (tx) => store.saveTest(tx, instance.id, state));
    };
    await save({ status: 'pending', message: null });
    try {
      const command = { command: 'test_connection', plan, ...(ref === undefined ? {} : { ref }) } as const;
      const test = connectionTestSchema.parse(await commands.send(toInstancePool(instance), command));
      const message = test.message.replaceAll('\0', '').slice(0, MESSAGE_LENGTH_MAX);
      await save({ status: test.isSuccess ? 'success' : 'failed', message });
      return { ...test, message };
    } catch (error) {
      const message = error instanceof AppError ? error.message : 'The test could not be run';
      await save({ status: 'failed', message: message.slice(0, MESSAGE_LENGTH_MAX) });
      throw error;
    }
  }

  return async (principal, instanceId, whose) => {
    const instance = await database.within(principal, (tx) => getInstance(tx, instanceId));
    const ref = whose === undefined ? undefined : toCredentialRef(principal, instance, whose);
    return run(instance, await compile(principal, instance), ref);
  };
}
