import { type Span, SpanStatusCode } from '@opentelemetry/api';
import type { DeliveredCall, Locks } from '@toolplane/bus';
import {
  AppError,
  attributes,
  type Command,
  commandSchema,
  errorCodes,
  failed,
  isJsonObject,
  type Json,
  type Outcome,
  type SecretRef,
  succeeded,
  toAppError,
} from '@toolplane/contracts';
import { credentialAudience } from '@toolplane/sealing';
import type { TraceCarrier } from '@toolplane/service-kit';
import type { FetchDocument } from '../documents/fetch-document.ts';
import { startCommandSpan } from '../execution/call-spans.ts';
import type { RunServices } from '../execution/run.ts';
import type { ConnectLinkSealer } from '../secrets/connect-links.ts';
import type { CredentialRecords } from '../secrets/credential-records.ts';
import type { SealedValues } from '../secrets/sealed-values.ts';
import type { GetSealingKeys } from '../secrets/sealing-keys.ts';
import type { SecretStore } from '../secrets/secret-store.ts';
import { finishExternalSignIn, startExternalSignIn } from './external-sign-in.ts';
import { inspectExternalServer } from './inspect-external-server.ts';
import { isOfTenant } from './is-of-tenant.ts';
import { createReplays } from './replay-call.ts';
import { createSecretVersions } from './secret-versions.ts';
import { finishAuthorization, startAuthorization } from './sign-in.ts';
import { finishSingleSignOn, startSingleSignOn } from './single-sign-on.ts';
import { storeCredential } from './store-credential.ts';
import { testConnection } from './test-connection.ts';

type DeliveredCommand = Pick<DeliveredCall, 'tenant' | 'body' | 'signal' | 'leaveSlot'> &
  Partial<Pick<DeliveredCall, 'callId'>>;

export type CommandHandler = (command: DeliveredCommand) => Promise<Outcome>;

/**
 * Handles the commands of the control plane: returning the public key for sealing, storing or deleting sealed values,
 * signing a person in, fetching a document and testing a connection. The data plane does the last two because no other
 * process may open a connection to a customer's host.
 */
export function createCommandHandler(options: {
  store: SecretStore;
  locks: Pick<Locks, 'acquire'>;
  records: CredentialRecords;
  getSealingKeys: GetSealingKeys;
  sealedValues: SealedValues;
  links: Pick<ConnectLinkSealer, 'open'>;
  /** Notified after each change, so that no replica continues with what it read before. */
  announceChange(ref: SecretRef): Promise<void>;
  fetchDocument: FetchDocument;
  fetchClientDocument: FetchDocument;
  services: RunServices;
}): CommandHandler {
  const { records, getSealingKeys, sealedValues, links, fetchDocument, fetchClientDocument, services } = options;
  const now = () => services.clock.now();
  const signIn = { records, client: services.client, getSealingKeys, now };
  const externalSignIn = { records, http: services.client, getSealingKeys, sealedValues, now };
  const singleSignOn = { ...signIn, store: options.store };
  const replay = createReplays(services.onInternalError);
  const secrets = createSecretVersions({ ...options, now });

  async function run(command: Command, { tenant, signal, leaveSlot }: DeliveredCommand, span: Span): Promise<Json> {
    switch (command.command) {
      case 'get_sealing_key':
        return (await getSealingKeys()).publicKey;
      // Commands that may have to wait for a concurrent change leave their slot, so that they do not hold up other
      // commands.
      case 'store_secret':
        leaveSlot();
        return secrets.store(command, signal);
      case 'use_secret_version':
        leaveSlot();
        return secrets.use(command, signal);
      case 'delete_secret':
        leaveSlot();
        return secrets.remove(command.ref, signal);
      case 'store_credential': {
        leaveSlot();
        const opened = await sealedValues.openCredential(command.sealed, credentialAudience(command.ref));
        return storeCredential(records, command, opened, services.clock.now());
      }
      case 'delete_credential':
        leaveSlot();
        await records.remove(command.ref);
        return null;
      case 'test_connection':
        leaveSlot();
        return (await testConnection(command, { signal, span }, services)) as Json;
      case 'replay_call':
        return replay(command.gzipped, { tenant, signal, onWait: leaveSlot });
      case 'start_authorization':
        return startAuthorization(signIn, command);
      case 'finish_authorization':
        leaveSlot();
        return finishAuthorization(signIn, command);
      case 'start_external_sign_in':
        leaveSlot();
        return startExternalSignIn(externalSignIn, command, signal);
      case 'finish_external_sign_in':
        leaveSlot();
        return (await finishExternalSignIn(externalSignIn, command, signal)) as Json;
      case 'start_single_sign_on':
        leaveSlot();
        return startSingleSignOn(singleSignOn, command, signal);
      case 'finish_single_sign_on':
        leaveSlot();
        return (await finishSingleSignOn(singleSignOn, command, signal)) as Json;
      case 'open_connect_link':
        return (await links.open(tenant, command.token)) as Json;
      case 'fetch_document':
        if (command.refusesRedirects !== true) {
          return fetchDocument(command.url, { tenant, signal, onWait: leaveSlot });
        }
        leaveSlot();
        return fetchClientDocument(command.url, { tenant, signal, onWait: () => {} });
      case 'inspect_external_server':
        leaveSlot();
        return inspectExternalServer(command, { tenant, signal }, { services, sealedValues });
    }
  }

  return async ({ callId, ...sent }) => {
    const { carrier, body } = readCarrier(sent.body);
    const span = startCommandSpan(callId, carrier);
    const delivered = { ...sent, body };
    try {
      const command = parseCommand(delivered);
      span.setAttribute(attributes.command, command.command);
      return succeeded(await run(command, delivered, span));
    } catch (thrown) {
      const error = toAppError(thrown);
      if (error.code === 'internal') services.onInternalError(thrown, { span, callId });
      span.setAttribute(attributes.errorType, error.code);
      if (errorCodes[error.code].http >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      const { details } = error;
      return failed('done', error.code, error.message, details === undefined ? {} : { details: details as Json });
    } finally {
      span.end();
    }
  };
}

/** Separates the trace context, which is sent along with the members of the command, from the command. */
function readCarrier(sent: Json): { carrier: TraceCarrier; body: Json } {
  if (!isJsonObject(sent)) return { carrier: {}, body: sent };
  const { traceparent, tracestate, ...body } = sent;
  const textOf = (value: Json | undefined) => (typeof value === 'string' ? value : undefined);
  return { carrier: { traceparent: textOf(traceparent), tracestate: textOf(tracestate) }, body };
}

function parseCommand({ tenant, body }: DeliveredCommand): Command {
  const parsed = commandSchema.safeParse(body);
  if (!parsed.success) throw new AppError('invalid_request', 'Not a command of this release');
  if (!isOfTenant(parsed.data, tenant)) throw new AppError('not_found', 'Not found');
  return parsed.data;
}
