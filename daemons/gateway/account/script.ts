/**
 * What runs in the account page. It reads the token from the fragment, which no server sees, and
 * takes it out of the address bar at once; it calls the API as anybody else would.
 */
export const SCRIPT = `
'use strict';
const byId = (id) => document.getElementById(id);
const views = ['set', 'forgot', 'change'];
let token = null;

function show(name) {
  for (const view of views) byId(view).hidden = view !== name;
  byId('done').hidden = true;
  byId('nav').hidden = name === 'set';
  const heading = byId(name).querySelector('h1');
  document.title = heading.textContent;
  heading.focus();
}

function route() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const given = fragment.get('token');
  if (given) {
    token = given;
    history.replaceState(null, '', location.pathname);
    show('set');
  } else if (location.hash === '#change') show('change');
  else if (location.hash === '#forgot' || token === null) show('forgot');
}

function finish(text) {
  for (const view of views) byId(view).hidden = true;
  byId('nav').hidden = false;
  const done = byId('done');
  done.hidden = false;
  done.textContent = text;
  done.focus();
}

async function call(path, body, accessToken) {
  let response;
  try {
    response = await fetch('/api/auth/' + path, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(accessToken ? { authorization: 'Bearer ' + accessToken } : {}),
      },
      body: JSON.stringify(body),
      credentials: 'omit',
      signal: AbortSignal.timeout(30000),
    });
  } catch {
    throw { detail: 'The server could not be reached. Nothing was changed; try again.' };
  }
  const text = await response.text();
  let answer = null;
  try { answer = JSON.parse(text); } catch {}
  if (response.ok) return answer;
  throw answer ?? { detail: 'The server answered ' + response.status + '. Try again later.' };
}

function clear(form) {
  for (const input of form.querySelectorAll('input')) {
    input.removeAttribute('aria-invalid');
    byId(input.id + '-error').textContent = '';
  }
  form.querySelector('[role=alert]').textContent = '';
}

/** Each error beside its field; what belongs to none, above the button. */
function explain(form, problem) {
  let first = null;
  form.querySelector('button:not([type])').disabled = false;
  for (const { path, message } of problem.errors ?? []) {
    const input = form.querySelector('[data-field="' + CSS.escape(path) + '"]');
    if (!input) continue;
    input.closest('.field').hidden = false;
    input.setAttribute('aria-invalid', 'true');
    byId(input.id + '-error').textContent = input.dataset.name + ' ' + message;
    first ??= input;
  }
  if (!first) form.querySelector('[role=alert]').textContent = problem.detail ?? String(problem);
  (first ?? form.querySelector('button:not([type])')).focus();
}

function onSubmit(name, work) {
  const form = byId(name);
  const button = form.querySelector('button:not([type])');
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    clear(form);
    button.disabled = true;
    try {
      await work();
    } catch (problem) {
      explain(form, problem);
    } finally {
      button.disabled = false;
    }
  });
}

onSubmit('set', async () => {
  const user = await call('password/set', { token, password: byId('set-password').value });
  byId('set').reset();
  token = null;
  finish('The password of ' + user.email + ' is set. You can log in with it now.');
});

onSubmit('forgot', async () => {
  const { detail } = await call('password/forgot', { email: byId('forgot-email').value });
  byId('forgot').reset();
  finish(detail);
});

onSubmit('change', async () => {
  const current = byId('change-current').value;
  const code = byId('change-totp').value;
  const tokens = await call('login', {
    email: byId('change-email').value,
    password: current,
    ...(code === '' ? {} : { totp: code }),
  });
  try {
    const wanted = { current_password: current, new_password: byId('change-new').value };
    await call('password/change', wanted, tokens.access_token);
  } catch (problem) {
    // The login was for this alone.
    await call('logout', { refresh_token: tokens.refresh_token }, tokens.access_token).catch(() => {});
    throw problem;
  }
  byId('change').reset();
  finish('Your password is changed. You were logged out everywhere; log in with the new one.');
});

for (const button of document.querySelectorAll('[data-shows]')) {
  button.addEventListener('click', () => {
    const input = byId(button.dataset.shows);
    const isShown = input.type === 'password';
    input.type = isShown ? 'text' : 'password';
    button.textContent = isShown ? 'Hide the password' : 'Show the password';
    button.setAttribute('aria-pressed', String(isShown));
  });
}
addEventListener('hashchange', route);
route();
`;
