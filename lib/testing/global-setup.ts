import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

import { startEmbeddedPostgres } from '../postgres/embedded.ts';
import { uniqueSuffix } from '../files/files.ts';
import { removeAbandonedServers } from './abandoned.ts';
import { migrateTemplate } from './migrate-template.ts';
import { createTemplate, withDatabase } from './template.ts';

const PREFIX = 'leadctl-test-';
const TEMPLATE = 'leadctl_template';

/**
 * Starts the test run's one PostgreSQL, with a migrated template database. Vitest calls it once a
 * project; the server is provided at the root, where the projects after the first find it.
 */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const { vitest } = project;
  if ('testPostgres' in vitest.getRootProject().getProvidedContext()) return undefined;
  await removeAbandonedServers(tmpdir(), PREFIX);
  const dataDir = join(tmpdir(), PREFIX + uniqueSuffix());
  const server = await startEmbeddedPostgres({
    dataDir,
    durable: false,
    // Several whole platforms at a time, each with a pool for every daemon.
    maxConnections: 400,
  });
  const teardown = async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const adminUrl = withDatabase(server.url, 'postgres');
    await createTemplate({ adminUrl, templateName: TEMPLATE, migrate: migrateTemplate });
    vitest.provide('testPostgres', { adminUrl, templateName: TEMPLATE });
  } catch (error) {
    await teardown();
    throw error;
  }
  return teardown;
}
