import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';

const field = (given: {
  id: string;
  label: string;
  /** How errors begin: `The password is too easy to guess.` */
  name: string;
  path: string;
  attributes: string;
  hint?: string;
  hidden?: boolean;
}): string => `
<div class="field"${given.hidden ? ' hidden' : ''}><label for="${given.id}">${given.label}</label>
${given.hint === undefined ? '' : `<small id="${given.id}-hint">${given.hint}</small>`}
<input id="${given.id}" data-field="${given.path}" data-name="${given.name}" ${given.attributes}
  aria-describedby="${given.hint === undefined ? '' : `${given.id}-hint `}${given.id}-error">
<span class="error" id="${given.id}-error"></span></div>`;

const shows = (id: string): string =>
  `<button type="button" data-shows="${id}" aria-pressed="false">Show the password</button>`;

const STRONG = 'At least 10 characters. A few words that do not belong together are best.';
const email = (id: string): string =>
  field({
    id,
    label: 'E-mail',
    name: 'The e-mail',
    path: 'body.email',
    attributes: 'type="email" autocomplete="username" required maxlength="320"',
  });
const newPassword = (id: string, path: string): string =>
  field({
    id,
    path,
    label: 'New password',
    name: 'The password',
    hint: STRONG,
    attributes: 'type="password" autocomplete="new-password" required',
  });

/** The page behind `/account/`; one string, so that it is there wherever the code is. */
export const ACCOUNT_HTML = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Your account</title>
<style>${STYLE}</style>
<main>
<noscript><p class="error">This page needs JavaScript: the link’s token is never sent to a server by itself.</p></noscript>
<form id="set" hidden novalidate>
<h1 tabindex="-1">Choose your password</h1>
${newPassword('set-password', 'body.password')}
${shows('set-password')}
<p class="error" role="alert"></p>
<button>Set the password</button>
</form>
<form id="forgot" hidden novalidate>
<h1 tabindex="-1">Forgotten your password?</h1>
${email('forgot-email')}
<p class="error" role="alert"></p>
<button>Send me a link</button>
</form>
<form id="change" hidden novalidate>
<h1 tabindex="-1">Change your password</h1>
${email('change-email')}
${field({
  id: 'change-current',
  label: 'Current password',
  name: 'The current password',
  path: 'body.current_password',
  attributes: 'type="password" autocomplete="current-password" required',
})}
${field({
  id: 'change-totp',
  label: 'Code of your authenticator app',
  name: 'The code',
  path: 'body.totp',
  hint: '6 digits, or one of your recovery codes',
  attributes: 'type="text" inputmode="text" autocomplete="one-time-code"',
  hidden: true,
})}
${newPassword('change-new', 'body.new_password')}
${shows('change-new')}
<p class="error" role="alert"></p>
<button>Change the password</button>
</form>
<div id="done" class="done" role="status" tabindex="-1" hidden></div>
<nav id="nav" aria-label="Account" hidden><a href="#change">Change your password</a><a href="#forgot">Forgotten password</a></nav>
</main>
<script>${SCRIPT}</script>
</html>`;
