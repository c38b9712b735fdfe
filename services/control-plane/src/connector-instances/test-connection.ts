import type { CompiledDocument } from '@toolplane/compiler';
import {
  AppError,
  type ConnectionTest,
  type CredentialRef,
  connectionTestSchema,
  type Plan,
} from '@toolplane/contracts';
import type { Principal } from '../access/principal.ts';
import type { Commands } from '../commands.ts';
import { type CredentialRequest, toCredentialRef } from '../connector-credentials/credential-subject.ts';
import type { Database, Tenant } from '../database/database.ts';
import type { ConnectorDeployments } from '../deployments/connector-deployments.ts';
import { listInstanceServers } from '../servers/servers.ts';
import { getInstance, getRunningVersion, homeOf } from './connector-instances.ts';
import { toServerDraft, toTarget } from './settle-instance.ts';
import * as store from './store.ts';

/** Does the test endpoint of the descriptor answer as it should, with these credentials or those of everybody? */
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
  answerMsMax: number;
}): TestConnection {
  const { database, commands, deployments, answerMsMax } = options;

  /** For the version that the instance runs. */
  async function compile(home: Tenant, instance: store.Instance): Promise<Plan> {
    const { version, server } = await database.within(home, async (tx) => {
      const [server] = await listInstanceServers(tx, [instance.id]);
      return { version: await getRunningVersion(tx, instance), server };
    });
    const target = toTarget(instance);
    const { compilation, diagnostics } = await deployments.compile(
      server ?? toServerDraft(home, instance.connector),
      version.text,
      target,
    );
    if (compilation === undefined) {
      const errors = diagnostics.filter(({ severity }) => severity === 'error');
      const details = errors.map(({ pointer, message }) => ({ path: `descriptor#${pointer}`, message }));
      throw new AppError('invalid_document', 'The connector does not compile for this instance', { details });
    }
    const { connectionTest } = JSON.parse(compilation.compiled) as CompiledDocument;
    if (connectionTest !== undefined) return connectionTest;
    throw new AppError('invalid_document', `The connector has no test_endpoint for ${instance.authType}`);
  }

  /** Also when there is no answer, the state says how it ended. */
  async function run(home: Tenant, id: string, plan: Plan, ref: CredentialRef | undefined): Promise<ConnectionTest> {
    const save = (state: store.TestState) => database.within(home, (tx) => store.saveTest(tx, id, state));
    await save({ status: 'pending', message: null });
    try {
      const command = { command: 'test_connection', plan, ...(ref === undefined ? {} : { ref }) } as const;
      const test = connectionTestSchema.parse(await commands.send(home.workspaceId, command, answerMsMax));
      const message = test.message.replaceAll('\0', '').slice(0, MESSAGE_LENGTH_MAX);
      await save({ status: test.isSuccess ? 'success' : 'failed', message });
      return { ...test, message };
    } catch (error) {
      const message = error instanceof AppError ? error.message : 'The test could not be made';
      await save({ status: 'failed', message: message.slice(0, MESSAGE_LENGTH_MAX) });
      throw error;
    }
  }

  return async (principal, instanceId, whose) => {
    const instance = await database.within(principal, (tx) => getInstance(tx, instanceId));
    const ref = whose === undefined ? undefined : toCredentialRef(principal, instance, whose);
    const home = homeOf(instance);
    return run(home, instanceId, await compile(home, instance), ref);
  };
}
