import { hierarchyContract } from '../../daemons/hierarchy/contract.ts';
import { createHierarchyDaemon } from '../../daemons/hierarchy/daemon.ts';
import { userContract } from '../../daemons/user/contract.ts';
import { createUserDaemon } from '../../daemons/user/daemon.ts';
import type { UserIdentity } from '../../lib/identity/identity.ts';
import { asMember, type Fixture } from './fixture.ts';
import { serve } from './serve.ts';
import { time, timeOnce, type Notebook } from './timing.ts';

const admin: UserIdentity = {
  kind: 'user',
  userId: '00000000-0000-7000-8000-000000000000',
  isAdmin: true,
  membership: null,
};

/** Moving a tenth of the client and back, and lists of members, at the daemons, over HTTP. */
export async function measurePeople(
  databaseUrl: string,
  fixture: Fixture,
  notebook: Notebook,
): Promise<void> {
  const settings = { DATABASE_URL: databaseUrl, DATABASE_POOL_MAX: 4 };
  const users = await serve(userContract, databaseUrl, (deps) =>
    createUserDaemon(deps, {
      ...settings,
      BCRYPT_ROUNDS: 4,
      PUBLIC_URL: 'http://127.0.0.1:8000',
    }),
  );
  const hierarchy = await serve(hierarchyContract, databaseUrl, (deps) =>
    createHierarchyDaemon(deps, settings),
  );
  try {
    const [root, moved, deep] = [
      await fixture.person(0),
      await fixture.person(2),
      await fixture.person(11_111),
    ];
    const moveTo = (manager: string) => async () => {
      const answer = await users.client(admin).call('updateMember', {
        params: { client_id: fixture.clientId, user_client_id: moved.id },
        body: { reports_to_user_client_id: manager },
      });
      if (!answer.ok) throw new Error(answer.problem.detail);
    };
    for (let round = 0; round < 3; round += 1) {
      notebook.reportOne(
        'move 11 111 members to the lowest level',
        await timeOnce(1, users, moveTo(deep.id)),
      );
      notebook.reportOne(
        'move 11 111 members back under the root',
        await timeOnce(1, users, moveTo(root.id)),
      );
    }
    for (const [who, identity] of [
      ['admin', admin],
      ['root', asMember(fixture, root)],
      ['junior', asMember(fixture, await fixture.person(99_999))],
    ] as const) {
      const list = await time(200, users, async () => {
        const page = await users
          .client(identity)
          .call('listMembers', { params: { client_id: fixture.clientId } });
        if (!page.ok) throw new Error(page.problem.detail);
      });
      notebook.report(`${who}: members`, list);
    }
    const check = await time(200, hierarchy, async () => {
      const answer = await hierarchy.client(admin).call('check', {
        body: { actor_user_client_id: root.id, target_user_client_id: deep.id },
      });
      if (!answer.ok || !answer.body.allowed) throw new Error('the root is above everyone');
    });
    notebook.report('hierarchy check', check);
    const tree = await timeOnce(5, hierarchy, async () => {
      const answer = await hierarchy
        .client(admin)
        .call('tree', { params: { client_id: fixture.clientId } });
      if (!answer.ok || !answer.body.truncated) throw new Error('the tree is larger than its cap');
    });
    notebook.reportOne('tree, cut at 10 000 members', tree);
  } finally {
    await users.stop();
    await hierarchy.stop();
  }
}
