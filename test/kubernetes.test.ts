import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { PORT_OFFSETS } from '../bin/host/ports.ts';
import { secretSettings } from '../bin/up/secrets-env.ts';
import { settingsOf } from '../bin/host/service-settings.ts';
import { SERVICES } from '../lib/contract/route.ts';
import { hostSettings } from '../lib/core/config.ts';

const FOLDER = join(import.meta.dirname, '../deploy/kubernetes');
const BASE = join(FOLDER, 'base');
const DAEMONS = SERVICES.filter((service) => service !== 'sandbox');

const resource = z.looseObject({ kind: z.string(), metadata: z.looseObject({ name: z.string() }) });
const read = (path: string) =>
  parseAllDocuments(readFileSync(path, 'utf8')).map((document): unknown => document.toJS());
const files = z
  .object({ resources: z.array(z.string()) })
  .parse(read(join(BASE, 'kustomization.yaml'))[0]).resources;
const all = files.flatMap((file) => read(join(BASE, file)).map((one) => resource.parse(one)));
const named = (kind: string) =>
  all.filter((one) => one.kind === kind).map(({ metadata }) => metadata.name);

const labels = z.record(z.string(), z.string());
const probe = z.object({ httpGet: z.object({ path: z.string(), port: z.literal('http') }) });
const deployment = z.object({
  spec: z.object({
    template: z.object({
      metadata: z.object({ labels }),
      spec: z.object({
        serviceAccountName: z.string(),
        automountServiceAccountToken: z.literal(false),
        securityContext: z.object({ runAsNonRoot: z.literal(true) }).loose(),
        containers: z.tuple([
          z.object({
            args: z.array(z.string()),
            ports: z.tuple([z.object({ containerPort: z.number() }).loose()]),
            env: z.array(z.object({ name: z.string(), value: z.string() })),
            envFrom: z.array(
              z.looseObject({
                secretRef: z.object({ name: z.string(), optional: z.boolean() }).optional(),
              }),
            ),
            livenessProbe: probe.loose(),
            readinessProbe: probe.loose(),
            resources: z.object({ limits: z.object({ memory: z.string() }) }).loose(),
            securityContext: z.object({
              allowPrivilegeEscalation: z.literal(false),
              readOnlyRootFilesystem: z.literal(true),
              capabilities: z.object({ drop: z.tuple([z.literal('ALL')]) }),
            }),
          }),
        ]),
        volumes: z.array(
          z.object({ secret: z.object({ secretName: z.string() }).loose().optional() }).loose(),
        ),
      }),
    }),
  }),
});
const podOf = (name: string) =>
  deployment.parse(all.find((one) => one.kind === 'Deployment' && one.metadata.name === name)).spec
    .template.spec;

describe('deploy/kubernetes', () => {
  test('has every daemon that there is, with a service, an account and a disruption budget', () => {
    const daemons = DAEMONS.toSorted();
    expect(named('Deployment').toSorted()).toEqual(daemons);
    expect(named('Service').toSorted()).toEqual(daemons);
    expect(named('PodDisruptionBudget').toSorted()).toEqual(daemons);
    expect(named('ServiceAccount').toSorted()).toEqual(
      [...daemons, 'migrate'].map((name) => `leadctl-${name}`).toSorted(),
    );
    const listed = [...files, 'kustomization.yaml'].toSorted();
    expect(readdirSync(BASE).toSorted()).toEqual(listed);
  });

  test.each(DAEMONS)('runs %s by its own command, port, account and secrets', async (name) => {
    const pod = podOf(name);
    const [container] = pod.containers;
    expect(container.args).toEqual(['bin/leadd', name]);
    expect(container.ports[0].containerPort).toBe(8000 + PORT_OFFSETS[name]);
    expect(container.livenessProbe.httpGet.path).toBe('/health');
    expect(container.readinessProbe.httpGet.path).toBe('/ready');
    expect(pod.serviceAccountName).toBe(`leadctl-${name}`);
    expect(pod.volumes.flatMap(({ secret }) => secret?.secretName ?? [])).toEqual([
      `leadctl-${name}`,
    ]);
    const shape = { ...hostSettings.shape, ...(await settingsOf(name)).shape };
    const required = Object.entries(shape).flatMap(([setting, schema]) =>
      z.safeParse(schema, undefined).success ? [] : [setting],
    );
    const given = container.env.map((one) => one.name.replace(/_FILE$/, ''));
    expect(given).toEqual(expect.arrayContaining(required));
    expect(given.filter((setting) => !(setting in shape))).toEqual([]);
  });

  test('lets nobody reach a daemon but the gateway, and permission the other daemons', () => {
    const policy = z.object({
      metadata: z.object({ name: z.string() }),
      spec: z.object({
        podSelector: z.object({ matchLabels: labels.optional() }),
        ingress: z
          .array(
            z.object({
              from: z
                .array(z.object({ podSelector: z.object({ matchLabels: labels }) }))
                .optional(),
              ports: z.array(z.object({ port: z.number() })),
            }),
          )
          .optional(),
      }),
    });
    const policies = all
      .filter(({ kind }) => kind === 'NetworkPolicy')
      .map((one) => policy.parse(one));
    expect(policies.map(({ metadata }) => metadata.name).toSorted()).toEqual(
      ['deny-all', ...DAEMONS.map((name) => `to-${name}`)].toSorted(),
    );
    const denying = policies.find(({ metadata }) => metadata.name === 'deny-all')?.spec;
    expect([denying?.podSelector, denying?.ingress]).toEqual([{}, undefined]);
    for (const { spec } of policies.filter((one) => one.spec !== denying)) {
      const target = spec.podSelector.matchLabels?.['app.kubernetes.io/component'];
      const from = spec.ingress?.flatMap((rule) =>
        rule.from?.flatMap(({ podSelector }) => Object.values(podSelector.matchLabels)),
      );
      const expected = { gateway: [undefined], permission: ['leadctl'] };
      expect([target, from]).toEqual([
        target,
        target === 'gateway' || target === 'permission' ? expected[target] : ['gateway'],
      ]);
    }
  });

  test('has no overlay that names what is not there', () => {
    for (const overlay of readdirSync(join(FOLDER, 'overlays'))) {
      const folder = join(FOLDER, 'overlays', overlay);
      const { resources, patches } = z
        .object({
          resources: z.array(z.string()),
          patches: z.array(
            z.object({ target: z.object({ kind: z.string(), name: z.string().optional() }) }),
          ),
        })
        .loose()
        .parse(read(join(folder, 'kustomization.yaml'))[0]);
      expect(resources[0]).toBe('../../base');
      for (const file of resources.slice(1)) expect(read(join(folder, file))).not.toEqual([]);
      for (const { target } of patches) {
        const names = named(target.kind);
        expect(target.name === undefined ? names.length : names.indexOf(target.name)).not.toBe(-1);
      }
    }
  });

  test('mounts of each secret what secrets.sh puts into it, all of it known', () => {
    const folder = mkdtempSync(join(tmpdir(), 'leadctl-k8s-'));
    const lines = secretSettings({}).map(({ name, value }) => `${name}=${value}\n`);
    writeFileSync(join(folder, 'env'), lines.join(''));
    const { stdout, stderr } = spawnSync(
      join(FOLDER, 'secrets.sh'),
      [join(folder, 'env'), 'db:5432/leadctl'],
      { encoding: 'utf8' },
    );
    rmSync(folder, { recursive: true });
    expect(stderr).toBe('');
    const secret = z.object({ metadata: z.object({ name: z.string() }), data: labels });
    const made = parseAllDocuments(stdout).map((one) => secret.parse(one.toJS()));
    for (const name of DAEMONS) {
      const data = made.find(({ metadata }) => metadata.name === `leadctl-${name}`)?.data ?? {};
      const mounted = podOf(name).containers[0].env.map((one) => one.name.replace(/_FILE$/, ''));
      expect(Object.keys(data).toSorted()).toEqual(mounted.toSorted());
      const values = Object.values(data).map((value) => Buffer.from(value, 'base64').toString());
      expect(values.filter((value) => value === '' || value.includes(':@'))).toEqual([]);
    }
  });

  test('takes other stores of counters and jobs from secrets that may be left out', async () => {
    const stores = { LIMITS_URL: 'redis://limits:6379', JOBS_URL: 'mongodb://jobs/leadctl' };
    const { stdout } = spawnSync(join(FOLDER, 'secrets.sh'), ['/dev/null', 'db:5432/leadctl'], {
      encoding: 'utf8',
      env: { ...process.env, ...stores },
    });
    const made = parseAllDocuments(stdout).map((one) =>
      z
        .looseObject({
          data: z.record(z.string(), z.string().nullable()).nullish(),
          metadata: z.object({ name: z.string() }),
        })
        .parse(one.toJS()),
    );
    for (const [setting, url] of Object.entries(stores)) {
      const name = setting === 'JOBS_URL' ? 'leadctl-jobs' : 'leadctl-limits';
      const data = made.find(({ metadata }) => metadata.name === name)?.data;
      expect(data).toEqual({ [setting]: Buffer.from(url).toString('base64') });
      for (const daemon of DAEMONS) {
        const reads = setting in (await settingsOf(daemon)).shape;
        const [{ envFrom }] = podOf(daemon).containers;
        const optional = envFrom.filter(({ secretRef }) => secretRef?.name === name);
        expect([daemon, optional]).toEqual([
          daemon,
          reads ? [{ secretRef: { name, optional: true } }] : [],
        ]);
      }
    }
  });

  const hasKubectl = spawnSync('kubectl', ['kustomize', '--help']).status === 0;
  if (!hasKubectl) {
    process.stderr.write(
      '\nSKIPPED: the overlays of Kubernetes were not built. Install kubectl.\n',
    );
  }
  test.skipIf(!hasKubectl)('builds with each overlay, every resource of the base in it', () => {
    for (const overlay of readdirSync(join(FOLDER, 'overlays'))) {
      const { stdout, stderr } = spawnSync(
        'kubectl',
        ['kustomize', join(FOLDER, 'overlays', overlay)],
        { encoding: 'utf8' },
      );
      expect(stderr).toBe('');
      const built = parseAllDocuments(stdout).map((one) => resource.parse(one.toJS()));
      const nameOf = ({ kind, metadata }: z.output<typeof resource>) => `${kind} ${metadata.name}`;
      expect(built.map(nameOf)).toEqual(expect.arrayContaining(all.map(nameOf)));
    }
  });

  const hasValidator = spawnSync('kubernetes-validate', ['--help']).status === 0;
  if (!hasValidator) {
    process.stderr.write(
      '\nSKIPPED: the manifests of Kubernetes were not checked by its schemas. pip install kubernetes-validate.\n',
    );
  }
  test.skipIf(!hasValidator)('is what the schemas of Kubernetes allow', () => {
    const paths = files.map((file) => join(BASE, file));
    const { status, stdout, stderr } = spawnSync('kubernetes-validate', ['--strict', ...paths], {
      encoding: 'utf8',
    });
    expect([status, `${stdout}${stderr}`]).toEqual([0, expect.not.stringContaining('ERROR')]);
  });
});
