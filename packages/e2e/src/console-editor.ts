import type { Page } from 'playwright-core';

/**
 * Replaces all text in an editor of the console, by the keyboard. `fill` would select the text before the editor
 * notices it, and Chromium would then write styles that the page's policy blocks.
 */
export async function write(page: Page, label: string, text: string): Promise<void> {
  await page.getByRole('textbox', { name: label }).click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(text);
}
