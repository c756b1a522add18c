/** Asks for a snapshot each second and shows it. Text only ever becomes text: no markup is built from data. */
export const SCRIPT = `'use strict';
const $ = (id) => document.getElementById(id);
let tag = '';

function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children.map((child) => (child instanceof Node ? child : String(child))));
  return made;
}

function time(at) {
  return new Date(at).toLocaleTimeString();
}

const TICKS = { accepted: '\\u25f7', sent: '\\u2713', delivered: '\\u2713\\u2713', read: '\\u2713\\u2713 read', failed: '\\u26a0 failed' };

function showMessages(messages) {
  const phone = $('messages').parentElement;
  const isAtEnd = phone.scrollHeight - phone.scrollTop - phone.clientHeight < 40;
  const bubbles = messages.map((message) =>
    element('li', '',
      element('div', 'to', message.to),
      element('div', '', message.text || '(no parameters)'),
      element('div', 'meta', [message.template, time(message.at), TICKS[message.status] || message.status].filter(Boolean).join(' \\u00b7 '))));
  $('messages').replaceChildren(...(bubbles.length ? bubbles : [element('li', 'empty', 'No messages yet. Post a lead and watch.')]));
  if (isAtEnd) phone.scrollTop = phone.scrollHeight;
}

function row(cells, name) {
  return element('tr', '', ...cells.map((cell) => element(name, typeof cell === 'number' ? 'number' : '', cell)));
}

function showSheets(sheets) {
  const made = sheets.map((sheet) => {
    const table = element('table', '', element('thead', '', row(sheet.header, 'th')),
      element('tbody', '', ...sheet.rows.map((cells) => row(cells, 'td'))));
    const title = sheet.tab + ' \\u00b7 ' + sheet.count + ' rows \\u00b7 ' + sheet.id;
    return element('div', 'tab', element('h3', '', title), element('div', 'scroll', table));
  });
  $('sheets').replaceChildren(...(made.length ? made : [element('p', 'none', 'No spreadsheet was written to yet.')]));
}

function showRequests(requests, faults) {
  $('faults').replaceChildren(...faults.map((fault) => element('li', '', 'Fault: ' + JSON.stringify(fault))));
  const rows = requests.toReversed().map((request) => {
    const made = row([time(request.at), request.provider, request.operation, request.status === null ? 'no answer' : request.status], 'td');
    if (request.status === null || request.status >= 400) made.className = 'bad';
    return made;
  });
  $('requests').replaceChildren(element('tbody', '', ...rows));
}

async function refresh() {
  try {
    const response = await fetch('/_sandbox/snapshot', { headers: tag ? { 'if-none-match': tag } : {}, cache: 'no-store', signal: AbortSignal.timeout(5000) });
    if (response.status === 200) {
      const data = await response.json();
      tag = response.headers.get('etag') || '';
      showMessages(data.messages);
      showSheets(data.sheets);
      showRequests(data.requests, data.faults);
    }
    $('state').textContent = 'live';
  } catch {
    $('state').textContent = 'the sandbox does not answer; trying again\\u2026';
  }
  setTimeout(refresh, document.hidden ? 5000 : 1000);
}

refresh();
`;
