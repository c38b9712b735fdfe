import { createHash, createHmac, randomUUID } from 'node:crypto';
import http, { type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SecretsManagerClientConfig } from '@aws-sdk/client-secrets-manager';

const ACCESS_KEY_ID = 'AKIATEST';
const SECRET_ACCESS_KEY = 'test-secret-access-key';

type Answer = { status: number; body: Record<string, unknown> };

export type LocalSecretsManager = AsyncDisposable & {
  /** Names and values, as the service would store them. */
  secrets: Map<string, string>;
  /** The KMS keys by the names of the secrets that were created with a key of their own. */
  kmsKeys: Map<string, string>;
  /** The names of the requested operations. */
  operations: string[];
  /** If set, every operation gets this response instead, until it is set to undefined. */
  fault: Answer | undefined;
  /** The only operation that fails; undefined if all fail. */
  faultOf: string | undefined;
  /** The names of secrets that may not be read. */
  denied: Set<string>;
  /** If true, requests are accepted but never answered. */
  isHanging: boolean;
  clientConfig(overrides?: Partial<SecretsManagerClientConfig>): SecretsManagerClientConfig;
};

/** Stands in for AWS Secrets Manager: verifies Signature Version 4 and implements its JSON protocol over HTTP. */
export async function startSecretsManager(): Promise<LocalSecretsManager> {
  const secrets = new Map<string, string>();
  const operations: string[] = [];
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (manager.isHanging) return;
      const { status, body } = answer(request, Buffer.concat(chunks));
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() });
      response.end(JSON.stringify(body));
    });
  });

  function answer(request: IncomingMessage, body: Buffer): Answer {
    if (!isSigned(request, body)) return fault('InvalidSignatureException');
    const operation = String(request.headers['x-amz-target']).replace('secretsmanager.', '');
    operations.push(operation);
    if (manager.fault !== undefined && (manager.faultOf ?? operation) === operation) return manager.fault;
    if (operation === 'BatchGetSecretValue') return answerBatch(JSON.parse(body.toString()).SecretIdList);
    const input = JSON.parse(body.toString()) as Record<string, string>;
    const name = input['SecretId'] ?? input['Name'] ?? '';
    const isKnown = secrets.has(name);
    if (manager.denied.has(name)) return fault('AccessDeniedException');
    if (operation === 'CreateSecret' ? isKnown : !isKnown) {
      return fault(isKnown ? 'ResourceExistsException' : 'ResourceNotFoundException');
    }
    const { KmsKeyId } = input;
    if (KmsKeyId !== undefined) manager.kmsKeys.set(name, KmsKeyId);
    if (operation === 'DeleteSecret') secrets.delete(name);
    else if (operation !== 'GetSecretValue') secrets.set(name, input['SecretString'] ?? '');
    return { status: 200, body: { Name: name, VersionId: randomUUID(), SecretString: secrets.get(name) } };
  }

  /** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html */
  function answerBatch(names: string[]): Answer {
    if (names.length > 20 || new Set(names).size < names.length) return fault('InvalidParameterException');
    const readable = names.filter((name) => secrets.has(name) && !manager.denied.has(name));
    const failed = names.filter((name) => !readable.includes(name));
    return {
      status: 200,
      body: {
        SecretValues: readable.map((Name) => ({ Name, VersionId: randomUUID(), SecretString: secrets.get(Name) })),
        Errors: failed.map((SecretId) => ({
          SecretId,
          ErrorCode: manager.denied.has(SecretId) ? 'AccessDeniedException' : 'ResourceNotFoundException',
          Message: 'cannot be read',
        })),
      },
    };
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const manager: LocalSecretsManager = {
    secrets,
    kmsKeys: new Map(),
    operations,
    fault: undefined,
    faultOf: undefined,
    denied: new Set(),
    isHanging: false,
    clientConfig: (overrides) => ({
      region: 'us-east-1',
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      credentials: { accessKeyId: ACCESS_KEY_ID, secretAccessKey: SECRET_ACCESS_KEY },
      maxAttempts: 1,
      ...overrides,
    }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return manager;
}

export function fault(type: string, status = 400): Answer {
  return { status, body: { __type: type, message: type } };
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d+)\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=(\w+)$/;

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function isSigned(request: IncomingMessage, body: Buffer): boolean {
  const match = AUTHORIZATION.exec(request.headers.authorization ?? '');
  if (match === null) return false;
  const [, accessKeyId, date = '', region = '', service = '', signedHeaders = '', signature] = match;
  const headers = signedHeaders.split(';').map((name) => `${name}:${String(request.headers[name]).trim()}\n`);
  const canonical = [request.method, request.url, '', headers.join(''), signedHeaders, sha256(body)].join('\n');
  const scope = `${date}/${region}/${service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const key = [date, region, service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${SECRET_ACCESS_KEY}`);
  return accessKeyId === ACCESS_KEY_ID && hmac(key, toSign).toString('hex') === signature;
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex');
}
