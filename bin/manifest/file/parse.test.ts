import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseManifests } from './parse.ts';

const env = { ACME_WA_TOKEN: 'EAAGwhatsapp', ACME_PAGE_TOKEN: 'EAAGpage' };

function parse(...texts: string[]) {
  const files = texts.map((text, at) => ({ name: `${'abc'[at]}.yaml`, directory: '.', text }));
  return parseManifests(files, env);
}

function problemsOf(...texts: string[]): string[] {
  return parse(...texts).problems.map(
    ({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`,
  );
}

const client = (rest: string): string =>
  `apiVersion: leadctl/v1\nclients:\n  - client_id: acme\n    name: Acme\n${rest}`;

test('the example is whole', () => {
  const text = readFileSync(new URL('../../../examples/acme.yaml', import.meta.url), 'utf8');
  expect(problemsOf(text)).toEqual([]);
});

test('a misspelt field is shown where it stands, with the one that was meant', () => {
  const text = client(
    '    members:\n      - { email: a@acme.example, role: rep, report_to: b@acme.example }\n',
  );
  expect(problemsOf(text)).toEqual([
    'a.yaml:6:45: clients[0].members[0]: unknown field "report_to"; did you mean "reports_to"?',
  ]);
});

test('a missing field is shown at the thing that misses it', () => {
  expect(problemsOf(client('    members:\n      - email: a@acme.example\n'))).toEqual([
    'a.yaml:6:9: clients[0].members[0]: "role" is missing',
  ]);
});

test('all problems of all files are told at once', () => {
  const problems = problemsOf(
    'apiVersion: leadctl/v2\n',
    'apiVersion: leadctl/v1\nroles:\n  - { name: rep, level: high }\n  - { name: "", level: 3 }\n',
    'a: [1\n',
  );
  expect(problems.map((problem) => problem.replace(/: .*/s, ''))).toEqual([
    'a.yaml:1:13',
    'b.yaml:3:25',
    'b.yaml:4:13',
    'c.yaml:2:1',
  ]);
});

test('a secret in the manifest itself is refused, and not repeated', () => {
  const [problem = ''] = problemsOf(
    client('    integrations: { whatsapp: { access_token: EAAGsecret } }\n'),
  );
  expect(problem).toContain('a.yaml:5:47');
  expect(problem).toContain('a secret does not belong in a manifest');
  expect(problem).not.toContain('EAAGsecret');
});

test('an id longer than a number can be is taken as it is written', () => {
  const parsed = parse(client('    meta_sources: [{ page_id: 123456789012345678901 }]\n'));
  expect(parsed.problems).toEqual([]);
  expect(parsed.manifest.things.at(-1)?.name).toBe('page 123456789012345678901');
});

test('several documents and files make one manifest', () => {
  const roles = 'apiVersion: leadctl/v1\nroles: [{ name: rep, level: 40 }]\n';
  const { manifest, problems } = parse(
    `${roles}---\n${client('')}`,
    'apiVersion: leadctl/v1\nset: prod\n',
  );
  expect(problems).toEqual([]);
  expect(manifest.set).toBe('prod');
  expect(manifest.things).toMatchObject([
    { kind: 'role', identity: 'rep', fields: { level: '40' } },
    { kind: 'client', identity: 'acme' },
  ]);
});

test('a thing named twice is shown with the place of the first, also across files', () => {
  expect(problemsOf(client(''), client(''))).toEqual([
    'b.yaml:3:5: client "acme" stands at a.yaml:3:5 already',
  ]);
});

test('members who report in a loop are shown', () => {
  const text = client(
    '    members:\n      - { email: a@x.example, role: rep, reports_to: b@x.example }\n      - { email: b@x.example, role: rep, reports_to: a@x.example }\n',
  );
  expect(problemsOf(text)[0]).toBe(
    'a.yaml:6:54: reports in a loop: a@x.example → b@x.example → a@x.example',
  );
});

test('two sets cannot be applied as one', () => {
  const of = (set: string): string => `apiVersion: leadctl/v1\nset: ${set}\n`;
  expect(problemsOf(of('one'), of('two'))).toEqual([
    'b.yaml:2:6: all manifests applied together are one set',
  ]);
});

test('shapes, names given twice, loops and missing secrets are told together', () => {
  const rest = [
    '    members:',
    '      - { email: a@x.example, role: rep, reports_to: b@x.example }',
    '      - { email: b@x.example, role: rep, reports_to: c@x.example }',
    '      - { email: c@x.example, role: rep, reports_to: a@x.example }',
    '      - { email: c@x.example, rle: rep }',
    '    api_keys: [{ name: site, scopes: leads }, { name: web }, { name: web }]',
    '    integrations: { whatsapp_enabled: "yes", whatsapp: { access_token: { fromEnv: NOT_SET } } }',
    '',
  ];
  const broken = problemsOf(client(rest.join('\n')));
  expect(broken).toEqual([
    'a.yaml:9:9: clients[0].members[3]: "role" is missing',
    'a.yaml:9:31: clients[0].members[3]: unknown field "rle"; did you mean "role"?',
    'a.yaml:10:38: clients[0].api_keys[0].scopes: must be a list',
    'a.yaml:11:39: clients[0].integrations.whatsapp_enabled: must be true or false',
    'a.yaml:10:62: api key "web" stands at a.yaml:10:47 already',
    'a.yaml:6:54: reports in a loop: a@x.example → b@x.example → c@x.example → a@x.example',
  ]);
  const [secret] = problemsOf(
    client('    integrations: { whatsapp: { access_token: { fromEnv: NOT_SET } } }\n'),
  );
  expect(secret).toBe(
    'a.yaml:5:47: whatsapp.access_token of acme: the environment variable NOT_SET is not set',
  );
});

test('an unclosed quote is shown where it opens', () => {
  expect(problemsOf(client('    default_country: "DE\n    status: active\n'))).toEqual([
    expect.stringMatching(/^a\.yaml:5:22: Missing closing "quote$/),
  ]);
});

test('a destination that the integrations describe already is shown with the place of both', () => {
  const text = client(
    [
      '    integrations: { google_sheets_enabled: true }',
      '    destinations:',
      '      - { name: whatsapp, kind: whatsapp }',
      '      - { name: google_sheets, kind: google_sheets }',
      '',
    ].join('\n'),
  );
  expect(problemsOf(text)).toEqual([
    'a.yaml:8:9: destination "google_sheets" is given by the integrations at a.yaml:5:19 already; name it in one of the two',
  ]);
});

test('a destination is named once, and its secrets stand elsewhere', () => {
  const text = client(
    [
      '    destinations:',
      '      - { name: crm, kind: webhook, secrets: { signing_secret: whsec_1 } }',
      '      - { name: crm, kind: webhook, secrets: { signing_secret: { fromEnv: NOT_SET } } }',
      '      - { name: crm, kind: webhook, colour: red }',
      '',
    ].join('\n'),
  );
  const problems = problemsOf(text);
  expect(problems).toHaveLength(3);
  expect(problems[0]).toContain('a secret does not belong in a manifest');
  expect(problems[1]).toContain('unknown field "colour"');
  expect(problems[2]).toContain('webhook.signing_secret of acme: the environment variable NOT_SET');
  expect(problems.join()).not.toContain('whsec_1');
});
