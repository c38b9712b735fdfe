import { expect, test } from '@jest/globals';
import { html } from './page.ts';

test('what others choose stays text, and reverses nothing that stands beside it', () => {
  const name = '<b title="x">Ann\u202e\u2067 & Co\u202c</b>';
  expect(html`<p>${name} (ann@example.test)</p>`.html).toBe(
    '<p>&lt;b title=&quot;x&quot;&gt;Ann &amp; Co&lt;/b&gt; (ann@example.test)</p>',
  );
});
