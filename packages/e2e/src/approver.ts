import { joinOrganization } from './member.ts';
import type { TestPlatform } from './platform.ts';

/** Approves as a new member who created no key: a person who created the caller's key cannot approve its calls. */
export async function approveAsMember(
  platform: Pick<TestPlatform, 'api' | 'rest'>,
  approvalId: string,
  workspaceId: string,
): Promise<void> {
  const { headers } = await joinOrganization(platform, 'admin');
  const answer = await fetch(`${platform.api}/api/v1/approvals/${approvalId}/approve`, {
    method: 'POST',
    headers: { ...headers, 'x-workspace': workspaceId },
    body: '{}',
  });
  if (!answer.ok) throw new Error(`The approval was answered ${answer.status}: ${await answer.text()}`);
}
