import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Outcome, Template } from '@toolplane/contracts';
import { connectedPlan, field, refOf } from '../../test/connected-plan.ts';
import { createConnectionServices } from '../../test/connection-services.ts';
import { planOf, templateOf } from '../../test/plan.ts';
import { client, internalErrors, runTool, secretOf } from '../../test/run-tool.ts';
import { startUpstream, type Upstream } from '../../test/upstream.ts';

/** An upstream echoes what it received, in any encoding: tests the whole path from there to the caller. */

const SECRET = 'sk+canary/"é<9f3b7c1d>=';
/** The part of the secret that every readable encoding keeps. */
const REST = '9f3b7c1d';

let api: Upstream;
let status = 200;
let write: (secret: string) => string;

beforeAll(async () => {
  api = await startUpstream((request, response) => {
    const secret = decodeURIComponent((request.headers['x-key'] as string | undefined) ?? '');
    response.writeHead(status, { 'content-type': 'application/json', 'x-echo': inHeader(write(secret)) });
    response.end(JSON.stringify({ said: `before ${write(secret)} after`, [write(secret)]: true }));
  });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});
afterEach(() => {
  status = 200;
  expect(internalErrors).toEqual([]);
});

/** Returns UTF-8 bytes as a header can carry them: read as Latin-1. */
const inHeader = (text: string) => Buffer.from(text.replaceAll(/[\r\n]+/g, ' ')).toString('latin1');
const base64 = (text: string) => Buffer.from(text).toString('base64');
const percent = encodeURIComponent;
const lower = (text: string) => text.replace(/%../g, (octet) => octet.toLowerCase());
const escaped = (pattern: RegExp) => (text: string) =>
  JSON.stringify(text).replace(pattern, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
const inHtml = (apostrophe: string) => (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', apostrophe);
const inLines = (width: number, end: string) => (text: string) =>
  base64(`first line, then ${text} and more`).replace(new RegExp(`.{${width}}`, 'g'), `$&${end}`);

const forms: [string, (secret: string) => string][] = [
  ['as it is', (text) => text],
  ['percent-encoded, upper case', percent],
  ['percent-encoded, lower case', (text) => lower(percent(text))],
  ['as the path of a URL', (text) => percent(text).replaceAll('%2F', '/')],
  ['as a field of a form', (text) => new URLSearchParams({ a: text }).toString().slice(2)],
  ['in JSON', (text) => JSON.stringify({ a: text })],
  ['in JSON in JSON', (text) => JSON.stringify({ a: JSON.stringify({ a: text }) })],
  ['in JSON, all that is not ASCII escaped', escaped(/[^ -~]/g)],
  ['in JSON, what HTML reads escaped', escaped(/[<>&]/g)],
  ['in JSON, slashes escaped', (text) => JSON.stringify(text).replaceAll('/', '\\/')],
  ['in HTML', inHtml('&quot;')],
  ['in HTML, numbered', inHtml('&#34;')],
  ['in hex', (text) => Buffer.from(text).toString('hex')],
  ['in hex, upper case', (text) => Buffer.from(text).toString('hex').toUpperCase()],
  ['in base64', base64],
  ['in base64, one byte in', (text) => base64(`a${text}b`)],
  ['in base64, two bytes in', (text) => base64(`ab${text}c`)],
  ['in base64url', (text) => Buffer.from(text).toString('base64url')],
  ['in base64, percent-encoded', (text) => percent(base64(text))],
  ['as a password of Basic', (text) => `Basic ${base64(`user:${text}`)}`],
  ['as a form-encoded password of Basic', (text) => `Basic ${base64(`user:${percent(text)}`)}`],
  ['in base64 in lines of 76', inLines(76, '\r\n')],
  ['in base64 in lines of 8', inLines(8, '\n')],
  ['in hex in lines', (text) => Buffer.from(text).toString('hex').replace(/.{10}/g, '$&\n')],
];

/** Checks that no form of the secret is in what left the run. */
function expectNothingOf(outcome: Outcome): void {
  const text = inspect(outcome, { depth: 20 }) + JSON.stringify(outcome);
  const hex = Buffer.from(REST).toString('hex');
  expect(text).not.toContain(REST);
  expect(text.toLowerCase()).not.toContain(hex);
  for (const offset of [0, 1, 2]) expect(text).not.toContain(base64(`${'-'.repeat(offset)}${REST}`).slice(4, 10));
  expect(text).toContain('[secret:KEY]');
}

const headers = { 'x-key': '$secrets.KEY' };
const secrets = { KEY: secretOf(percent(SECRET)) };
/** The header carries the secret percent-encoded, because headers are ASCII; both forms are secrets of the run. */
const both = { ...secrets, RAW: secretOf(SECRET) };

describe.each(forms)('a secret that an upstream echoes %s (T10, B110)', (_form, writeForm) => {
  const step = (rest: object = {}) => ({ id: 's', url: `${api.url}/x`, headers, secrets: ['KEY', 'RAW'], ...rest });
  const masked = (outcome: Outcome) => {
    const text = JSON.parse(JSON.stringify(outcome).replaceAll('[secret:RAW]', '[secret:KEY]'));
    expectNothingOf(text);
  };

  test('is in no output: not in a value, a key, a header or a text', async () => {
    write = writeForm;
    const plan = planOf([step({ outputs: { all: '$response.body' } })], {
      all: '$steps.s.outputs.all',
      text: 'it said $steps.s.response.body.said',
      headers: '$steps.s.response.headers',
    });
    masked(await runTool(plan, { secrets: both }));
  });

  test('is in no content', async () => {
    write = writeForm;
    const content = templateOf([{ type: 'text', text: '$steps.s.response.body.said' }]);
    masked(await runTool(planOf([step()], {}, { content }), { secrets: both }));
  });

  test('is in no error, whether or not the tool explains it (B111)', async () => {
    write = writeForm;
    status = 500;
    const unexplained = await runTool(planOf([step({ failure: { succeeds: '$statusCode == 200', actions: [] } })]), {
      secrets: both,
    });
    expect(unexplained).toMatchObject({ error: { code: 'step_failed', status: 500 } });
    expect(JSON.stringify(unexplained)).not.toMatch(/before|after|9f3b/);
    masked(
      await runTool(explaining(planOf([step({ failure: { succeeds: '$statusCode == 200', actions: [] } })])), {
        secrets: both,
      }),
    );
  });
});

function explaining(plan: ReturnType<typeof planOf>): typeof plan {
  const explanation: Template = templateOf('$response.body.said');
  const steps = plan.steps.map((step) => {
    return step.failure === undefined ? step : { ...step, failure: { ...step.failure, explanation } };
  });
  return { ...plan, steps };
}

describe('an echoed connector value that is a secret only because it is not declared public (T10, B110)', () => {
  const fields = [field('account', { isRequired: false }), field('region', { isSecret: false })];
  const services = createConnectionServices(client);
  const call = () =>
    runTool(connectedPlan({ url: `${api.url}/x`, headers: { 'x-key': '{account}' }, authentication: { fields } }), {
      services,
      caller: { config: {} },
    });

  test('is masked, and public values are not', async () => {
    write = (account) => `${account} in eu-central`;
    await services.put(refOf('organization'), { fields: { account: 'acct-9f3b7c1d', region: 'eu-central' } });
    expect(await call()).toMatchObject({
      value: {
        result: { said: 'before [secret:account] in eu-central after', '[secret:account] in eu-central': true },
      },
    });
  });

  test('except for a default, which is in the descriptor', async () => {
    write = (account) => account;
    fields.splice(0, 1, field('account', { isRequired: false, default: 'acct-of-everybody' }));
    await services.put(refOf('organization'), { fields: { region: 'eu-central' } });
    expect(await call()).toMatchObject({ value: { result: { said: 'before acct-of-everybody after' } } });
  });
});

test('a value under 8 characters is not masked, because it cannot be told from ordinary text', async () => {
  write = (secret) => secret;
  const plan = planOf([{ id: 's', url: `${api.url}/x`, headers, secrets: ['KEY'] }], {
    said: '$steps.s.response.body.said',
  });
  expect(await runTool(plan, { secrets: { KEY: secretOf('short-7') } })).toMatchObject({
    value: { said: 'before short-7 after' },
  });
  expect(await runTool(plan, { secrets: { KEY: secretOf('short--8') } })).toMatchObject({
    value: { said: 'before [secret:KEY] after' },
  });
});
