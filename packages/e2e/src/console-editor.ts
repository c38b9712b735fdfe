import type { Page } from 'playwright-core';

/**
 * By the keyboard, in the place of all that is in an editor of the console. `fill` would select before the editor sees
 * that, and Chromium then write styles which the page refuses.
 */
export async function write(page: Page, label: string, text: string): Promise<void> {
  await page.getByRole('textbox', { name: label }).click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(text);
}
