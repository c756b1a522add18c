import { clientContract, type AuditEntryView } from '../../daemons/client/contract.ts';
import { clientIdSchema } from '../../lib/core/ids.ts';
import type { TestPlatform } from '../../bin/manifest/testing/platform.ts';

/** What the audit log of a client says of an action, newest first. */
export async function auditOfAction(
  platform: TestPlatform,
  clientId: string,
  action: string,
): Promise<AuditEntryView[]> {
  const answer = await platform.client(clientContract).call('listClientAudit', {
    params: { client_id: clientIdSchema.parse(clientId) },
    query: { action },
  });
  if (!answer.ok) throw new Error(answer.problem.detail);
  return answer.body.data;
}
