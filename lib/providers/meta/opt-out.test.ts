import { expect, test } from 'vitest';
import { optWordOf } from './opt-out.ts';

test.each([
  'STOP',
  'stop',
  ' Stop. ',
  '*STOP*',
  '"stop"',
  'Stop!!!',
  'ＳＴＯＰ',
  'UNSUBSCRIBE',
  'Cancel',
  'END',
  'quit',
  'OPT OUT',
  'opt-out',
  'Opt_Out',
  'STOPP',
  'Abmelden',
  'ARRET',
  'Arrêter',
  'ARRÊTER',
  'baja',
  'PARAR',
  'cancelar',
  'Sair',
  'STOPPA',
  'توقف',
  '停止',
  '退订',
  '退訂',
  '중지',
  'बंद करो',
  'Отписаться',
  'STOP\n',
  '🛑 stop',
  'stop 🙏',
])('%j means stop', (text) => {
  expect(optWordOf(text)).toBe('stop');
});

test.each(['START', 'start!', 'Unstop', 'Subscribe', 'alta', '开始', 'ابدأ', 'Começar'])(
  '%j means start',
  (text) => {
    expect(optWordOf(text)).toBe('start');
  },
);

test.each([
  '',
  ' ',
  '?',
  'Hello',
  'Do not stop',
  'When does it end?',
  'I want to cancel my appointment',
  'Can I stop by at five?',
  'stopstop',
  'no',
  'yes',
  'Start at nine?',
  `stop${' '.repeat(100)}now`,
])('%j means neither', (text) => {
  expect(optWordOf(text)).toBeUndefined();
});
