import type { Page } from 'playwright-core';
import { write } from '../src/console-editor.ts';
import type { Furnished } from './furnish.ts';

/** An action of a person, and a text that is shown when it is complete. */
type Step = { does: (page: Page) => Promise<void>; has: string | RegExp };

/** A page of the console, with the parts that are opened in it. */
export type View = {
  path: string;
  /** A text that is shown when everything has loaded. */
  has: string | RegExp;
  does?: Step['does'];
  /** A dialog or a form over the page. */
  dialog?: Step;
};

const press = (name: string | RegExp) => (page: Page) => page.getByRole('button', { name }).first().click();

/** Every page, and every form and dialog that does not duplicate another. */
export function viewsOf({ server, connector, instance, key, agent, user }: Furnished): View[] {
  const of = (tab: string) => `/servers/${server}/${tab}`;
  return [
    { path: '/servers', has: 'Rooms of a hotel', dialog: { does: makeServer, has: /must be|letters/ } },
    { path: of('tools'), has: 'Which floor', does: press(/^count_rooms/) },
    { path: of('try'), has: 'secret_host_denied', does: runTool },
    { path: of('connect'), has: 'claude mcp add --transport http' },
    { path: of('connect'), has: 'Add to Cursor', does: chooseCursor },
    { path: of('deploy'), has: 'This cannot be deployed', does: checkDocument },
    { path: of('deployments'), has: 'ran before', dialog: { does: press('Document'), has: 'grand-hotel' } },
    { path: of('external'), has: 'Greets a guest, and says', dialog: { does: attachServer, has: 'Header 1' } },
    { path: of('selected-tools'), has: 'Add from the catalogue' },
    { path: of('secrets'), has: 'elsewhere.example.com' },
    {
      path: of('secrets?secret=KEY'),
      has: 'Calls fail here',
      dialog: { does: press('Set a new value'), has: 'Keep the old value' },
    },
    { path: of('policy'), has: 'Too loud' },
    { path: of('policy'), has: 'Save the policy', does: press('Edit') },
    { path: of('settings'), has: 'Save', dialog: { does: press(/^Delete/), has: 'This cannot be undone.' } },
    { path: '/connectors', has: connector },
    { path: '/connectors?tab=instances', has: 'Furnished desk' },
    {
      path: '/connectors?tab=register',
      has: 'It cannot be registered',
      does: checkDescriptor,
      dialog: { does: press('Import OpenAPI'), has: 'URL of the API' },
    },
    {
      path: `/connectors/${connector}`,
      has: 'full_refresh',
      dialog: { does: press('New instance'), has: 'Create instance' },
    },
    { path: `/connectors/${connector}?tab=tools`, has: 'GET', does: press(/^look_/) },
    {
      path: `/connectors/${connector}?tab=versions`,
      has: 'Callers may have to change',
      dialog: { does: press(/^Deprecate/), has: 'Shown with the version' },
    },
    {
      path: `/instances/${instance}`,
      has: 'Everyone in this workspace',
      does: (page) => page.getByText('within 1.5 s').waitFor(),
      dialog: { does: press('Set credentials'), has: 'Store' },
    },
    { path: `/instances/${instance}?tab=settings`, has: 'Disable or delete' },
    { path: '/egress', has: 'Allowed hosts', does: (page) => page.getByLabel('Only listed hosts').check() },
    { path: '/calls', has: 'check before you repeat it', does: press('More filters') },
    { path: '/calls', has: 'check before you repeat it', dialog: { does: openCall, has: 'Sent to a worker' } },
    { path: '/calls?view=statistics', has: 'p99' },
    {
      path: '/approvals',
      has: 'close_hotel',
      dialog: { does: press('Approve'), has: 'For people who review the decision later' },
    },
    { path: '/api-keys', has: 'furnished and revoked', dialog: { does: makeKey, has: 'furnished-origin' } },
    { path: `/api-keys?key=${key}`, has: 'Names users', dialog: { does: press('Rotate'), has: 'Keep the old key' } },
    { path: '/agents', has: 'Books rooms' },
    {
      path: `/agents?agent=${agent}`,
      has: 'build machine',
      dialog: { does: press('Rename'), has: 'Its id, which policies' },
    },
    { path: '/external-users', has: 'created here' },
    { path: `/external-users?user=${user}`, has: 'Furnished desk' },
    { path: '/members', has: /furnished@/, dialog: { does: press('Invite somebody'), has: 'Create link' } },
    { path: '/audit-log', has: 'Details', dialog: { does: press(/^Details of entry/), has: 'Hash' } },
    { path: '/nothing-there', has: 'Go to the start page' },
  ];
}

async function makeServer(page: Page): Promise<void> {
  await press('New server')(page);
  await page.getByLabel('Name').fill('Not a name');
  await press('Create server')(page);
}

async function chooseCursor(page: Page): Promise<void> {
  await page.getByText('Sign in (OAuth)').click();
  await page.getByLabel('Client', { exact: true }).selectOption('Cursor');
}

async function runTool(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await press(/^count /)(page);
}

async function checkDocument(page: Page): Promise<void> {
  await write(page, 'Document', 'flower: "0.1"\nid: hotel\nflows: [{ id: 5 }]');
  await page.getByRole('button', { name: 'Check', exact: true }).click();
}

async function checkDescriptor(page: Page): Promise<void> {
  await write(page, 'Descriptor', 'metadata: {}');
  await page.getByRole('button', { name: 'Check', exact: true }).click();
}

async function attachServer(page: Page): Promise<void> {
  await press('Attach a server')(page);
  await press('Add a header')(page);
}

async function openCall(page: Page): Promise<void> {
  await page.getByRole('row').getByRole('link').first().click();
}

async function makeKey(page: Page): Promise<void> {
  await press('New key')(page);
  await page.getByRole('combobox', { name: 'Servers' }).click();
}
