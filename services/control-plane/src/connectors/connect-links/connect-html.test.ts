import { describe, expect, test } from '@jest/globals';
import { toConnectPage } from './connect-html.ts';
import type { ConnectView, FieldsWay } from './connect-links.ts';

type Field = FieldsWay['fields'][number];

const sealingKey: FieldsWay['sealingTarget']['key'] = {
  kty: 'EC',
  crv: 'P-256',
  x: 'x',
  y: 'y',
  kid: 'kid',
  alg: 'ECDH-ES+A256KW',
  use: 'enc',
};

function bodyOf(fields: (Partial<Field> & { key: string })[], changes: Partial<ConnectView> = {}): string {
  const whole = fields.map(
    (field) => ({ required: true, field_type: 'string', secret: false, public: false, ...field }) as Field,
  );
  const view: ConnectView = {
    connector: 'CRM',
    instanceName: 'Sales',
    user: { name: 'ada', isPerson: false },
    expiresAt: Date.UTC(2026, 0, 1, 12),
    way: {
      kind: 'fields',
      fields: whole,
      hosts: ['a.test', 'b.test:8443'],
      sealingTarget: { key: sealingKey, audience: 'ws/coi/credential_user' },
    },
    ...changes,
  };
  return toConnectPage(view).body.html;
}

describe('each field has an input of its kind', () => {
  test.each<[string, Partial<Field>, RegExp]>([
    ['a secret, which is not shown', { field_type: 'secret' }, /<input[^>]* type="password"/],
    ['a text that is marked as secret', { secret: true }, /<input[^>]* type="password"/],
    ['a text with its default', { default_value: 'main' }, /<input[^>]* type="text" value="main"/],
    ['a number', { field_type: 'number' }, /<input[^>]* type="text" inputmode="decimal"/],
    ['a URL, whose host is sealed for', { field_type: 'url' }, /data-type="url"[^>]* type="url"/],
    [
      'a choice',
      { field_type: 'select', options: ['eu', 'us'], default_value: 'us' },
      /<option value="us" selected>us<\/option>/,
    ],
    ['yes or no', { field_type: 'boolean' }, /<option value=""><\/option>\s*<option value="true">true<\/option>/],
    ['an optional field', { required: false }, /<span class="optional">\(optional\)<\/span>/],
  ])('%s', (_name, field, expected) => {
    const body = bodyOf([{ key: 'it', ...field }]);
    expect(body).toMatch(expected);
    expect(body.includes(' required')).toBe(field.required ?? true);
  });

  test('its label and its help belong to it', () => {
    const body = bodyOf([{ key: 'api_key', label: 'API key', description: 'From your profile.' }]);
    expect(body).toContain('<label for="field-api_key">API key</label>');
    expect(body).toContain('aria-describedby="field-api_key-hint field-api_key-problem"');
    expect(body).toContain('<p class="hint" id="field-api_key-hint">From your profile.</p>');
  });
});

test('says where values may be sent, those of typed URLs included', () => {
  const body = bodyOf([{ key: 'site', label: 'Your site', field_type: 'url' }]);
  expect(body).toMatch(/<code>a\.test<\/code>,\s*<code>b\.test:8443<\/code>,\s*the host of “Your site”/);
});

test('nothing of a descriptor becomes HTML', () => {
  const hostile = `"><script>alert('1')</script>&amp;`;
  const field = { key: 'it', label: hostile, description: hostile, default_value: hostile };
  const bodies = [
    bodyOf([field], { connector: hostile, instanceName: hostile }),
    bodyOf([{ ...field, field_type: 'select', options: [hostile] }]),
    bodyOf([], { way: { kind: 'sign-in', provider: hostile, scopes: [hostile] } }),
  ];
  for (const body of bodies) {
    expect(body).not.toContain('<script');
    expect(body).toContain('&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;');
  }
});
