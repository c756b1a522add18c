import { expect, test } from 'vitest';
import { ConfigError, loadConfig, mailSettings, providerSettings } from '../core/config.ts';
import { createProviderClients } from './clients.ts';

const settingsOf = (env: Record<string, string>) => ({
  ...providerSettings.parse(env),
  META_APP_SECRET: 'a meta app secret',
});

test('an entry of DESTINATION_ALLOW that cannot be read is named at the start', () => {
  const start = () =>
    createProviderClients(settingsOf({ DESTINATION_ALLOW: '10.0.0.0/8, intranet' }));
  expect(start).toThrow(ConfigError);
  expect(start).toThrow(/DESTINATION_ALLOW: "intranet" is neither host:port nor an address range/);
});

test('without SMTP_URL there is no mail client; with it, one that needs a sender', async () => {
  const clients = createProviderClients(settingsOf({}));
  expect(clients.mail).toBeUndefined();
  await clients.stop();
  const mail = { SMTP_URL: 'smtp://mail.example:587' };
  expect(() => createProviderClients({ ...settingsOf({}), ...mail })).toThrow(/MAIL_FROM/);
  const whole = createProviderClients({ ...settingsOf({}), ...mail, MAIL_FROM: 'a@b.example' });
  expect(whole.mail?.server).toBe('mail.example:587');
  await whole.stop();
});

test('an SMTP_URL that cannot be read is an error at the start that does not repeat it', () => {
  const start = () => loadConfig({ SMTP_URL: 'smtp://leads:hunter/2@mail.example' }, mailSettings);
  expect(start).toThrow(/SMTP_URL: cannot be read: percent-encode/);
  expect(start).not.toThrow(/hunter/);
});
