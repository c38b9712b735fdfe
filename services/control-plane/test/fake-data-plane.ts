import { gzipSync } from 'node:zlib';
import { type Command, failed, type Outcome, type Replay, type SealingKey, succeeded } from '@toolplane/contracts';
import { answerOfInspection, declaredServer } from './declared-servers.ts';

/** A data plane that stores nothing and only counts. */
export function fakeDataPlane(sealingKey: SealingKey): {
  commands: Command[];
  handle(command: Command): Promise<Outcome>;
} {
  const commands: Command[] = [];
  return {
    commands,
    async handle(command) {
      commands.push(command);
      if (command.command === 'get_sealing_key') return succeeded(sealingKey);
      if (command.command === 'inspect_external_server') return answerOfInspection(declaredServer([]));
      if (command.command === 'fetch_document') return failed('done', 'upstream_unreachable', 'Nothing is there');
      if (command.command === 'store_secret') {
        return succeeded({ version: command.version, hosts: ['api.example.test'], isRedactable: true });
      }
      if (command.command === 'start_external_sign_in') {
        return succeeded({ url: 'https://id.example.test/authorize', session: 'a-sealed-session' });
      }
      return answerOfConnections(command, commands);
    },
  };
}

const asRecorded: Replay = {
  matches: true,
  outcome: 'done',
  differences: [],
  trace: { type: 'flow.run', flow_id: 'ticket_status', duration_ms: 0, children: [] },
};

/** The answers to the commands of connectors. */
function answerOfConnections(command: Command, commands: Command[]): Outcome {
  const hosts = ['api.example.test'];
  switch (command.command) {
    case 'store_credential': {
      const isSame = (each: Command) =>
        each.command === 'store_credential' && JSON.stringify(each.ref) === JSON.stringify(command.ref);
      const fields = command.fields.map(({ key }) => key);
      return succeeded({ version: commands.filter(isSame).length, hosts, fields, isUsable: !command.needsSignIn });
    }
    case 'finish_authorization':
      return succeeded({ version: 1, hosts, fields: [], isUsable: true });
    case 'start_authorization':
      return succeeded({
        url: `${command.authorization.authorizationUrl}?state=${command.state}`,
        session: 'a-sealed-session',
      });
    case 'replay_call':
      return succeeded({ gzipped: gzipSync(JSON.stringify(asRecorded)).toString('base64') });
    case 'test_connection':
      return succeeded({ isSuccess: true, status: 200, message: 'The test endpoint answered 200' });
    default:
      return succeeded(null);
  }
}
