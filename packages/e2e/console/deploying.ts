import { describe, expect, test } from '@jest/globals';
import type { ConsoleInUse } from '../src/console.ts';
import { write } from '../src/console-editor.ts';

type Config = { tools: { name: string }[] };

export function describeDeploying(using: () => ConsoleInUse): void {
  const editor = () => using().page.getByRole('textbox', { name: 'Document' });
  const press = (name: string) => using().page.getByRole('button', { name, exact: true }).click();
  const waitFor = (text: string) => using().page.getByText(text, { exact: true }).waitFor();

  const type = (text: string) => write(using().page, 'Document', text);

  async function makeServer(name: string, ...documents: string[]): Promise<void> {
    const { rest } = using().platform;
    await rest.call('POST', '/mcp-servers', { name, mode: 'NORMAL' });
    for (const definition of documents) await rest.call('POST', `/mcp-servers/${name}/deploy`, { definition });
  }

  async function openDocument(server: string): Promise<void> {
    await using().open(`/servers/${server}/deploy`);
    await editor().waitFor();
  }

  async function listTools(server: string): Promise<string[]> {
    const config = await using().platform.rest.call<Config>('GET', `/mcp-servers/${server}/config`);
    return config?.tools.map(({ name }) => name) ?? [];
  }

  describe('documents', () => {
    test('a new server starts with one that can be deployed as it is', async () => {
      await makeServer('deploying-first');
      await openDocument('deploying-first');
      await press('Check');
      await waitFor('This can be deployed');
      await press('Deploy');
      await waitFor('Deployed');
      await waitFor('running');
      expect(await listTools('deploying-first')).toEqual(['ticket_status']);
      await press('Deploy');
      await waitFor('This document is already running');
    });

    test('a refused one shows where it is wrong, and links to that place', async () => {
      const { page } = using();
      await makeServer('deploying-refused');
      await openDocument('deploying-refused');
      await type(toDocument('mended').replace('id: doc', 'xid: doc'));
      await press('Deploy');
      await waitFor('Nothing was deployed');
      await waitFor('"xid" is not known here');
      await page.getByRole('button', { name: 'Line 2, column 1' }).click();
      await page.keyboard.press('Delete');
      await press('Deploy');
      await waitFor('Deployed');
      expect(await listTools('deploying-refused')).toEqual(['mended']);
    });

    test('typed text survives a change of tab, and closing the window asks before discarding it', async () => {
      const { page } = using();
      await makeServer('deploying-typed', toDocument('before'));
      await openDocument('deploying-typed');
      await type(toDocument('typed'));
      await page.getByRole('tab', { name: 'Deployments' }).click();
      await page.getByRole('cell', { name: 'active' }).waitFor();
      await page.getByRole('tab', { name: 'Document' }).click();
      await editor().getByText('typed').waitFor();
      const asked = page.waitForEvent('dialog');
      const left = page.goto('about:blank').catch(() => 'stayed');
      const dialog = await asked;
      expect(dialog.type()).toBe('beforeunload');
      await dialog.dismiss();
      expect(await left).toBe('stayed');
      await press('Discard changes');
      await page.getByRole('dialog').getByRole('button', { name: 'Discard changes' }).click();
      await editor().getByText('before').waitFor();
    });

    test('the source documents of one are uploaded from files, and stay with it', async () => {
      const { page } = using();
      await makeServer('deploying-sources');
      await openDocument('deploying-sources');
      await type(ARAZZO);
      const chooser = page.waitForEvent('filechooser');
      await press('Add files');
      await (await chooser).setFiles({ name: 'v1.yaml', mimeType: 'text/yaml', buffer: Buffer.from(PETSTORE) });
      await page.getByLabel('Name of v1.yaml').fill('pets');
      await press('Deploy');
      await waitFor('Deployed');
      await page.reload();
      expect(await page.getByLabel('Name of v1.yaml').inputValue()).toBe('pets');
      await press('Remove pets');
      await press('Deploy');
      await waitFor('There is no document for source "pets"');
      expect(await listTools('deploying-sources')).toEqual(['list_pets']);
      await press('Discard changes');
      await page.getByRole('dialog').getByRole('button', { name: 'Discard changes' }).click();
      await page.getByLabel('Name of v1.yaml').waitFor();
    });

    test('an earlier deployment runs again once it has been viewed and confirmed', async () => {
      const { page, open } = using();
      await makeServer('deploying-again', toDocument('one'), toDocument('two'));
      await open('/servers/deploying-again/deployments');
      const earlier = page.getByRole('row').filter({ hasText: 'ran before' });
      await earlier.getByRole('button', { name: 'Document' }).click();
      await page.getByRole('dialog').getByRole('textbox', { name: 'Document' }).getByText('one').waitFor();
      await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
      await earlier.getByRole('button', { name: 'Run again' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Run again' }).click();
      await page.getByRole('row').last().getByText('active').waitFor();
      expect(await listTools('deploying-again')).toEqual(['one']);
    });
  });
}

function toDocument(tool: string): string {
  return `flower: "0.1"
id: doc
flows:
  - id: ${tool}
    steps: [{ id: look, request: { method: GET, url: https://api.example.com/look } }]
`;
}

const ARAZZO = `arazzo: 1.0.1
info: { title: Pets, version: 1.0.0 }
sourceDescriptions: [{ name: pets, url: ./v1.yaml, type: openapi }]
workflows:
  - workflowId: list_pets
    steps: [{ stepId: list, operationId: listPets }]
`;

const PETSTORE = `openapi: 3.1.0
info: { title: Pets, version: 1.0.0 }
servers: [{ url: https://pets.example.com }]
paths: { /pets: { get: { operationId: listPets, responses: { "200": { description: All of them } } } } }
`;
