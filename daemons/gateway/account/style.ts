/** The account page's looks: one column, from 320 px on. */
export const STYLE = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 30%, transparent); --bad: #b3261e; --good: #1b6e3c; }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; --good: #7bd99b; } }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; padding: 1rem; }
main { max-width: 26rem; margin: 0 auto; }
h1 { font-size: 1.4rem; line-height: 1.25; }
form, .done { display: grid; gap: 1rem; }
.field { display: grid; gap: .25rem; }
label { font-weight: 600; }
input { font: inherit; width: 100%; min-width: 0; padding: .6rem; border: 1px solid var(--line); border-radius: .35rem; }
input[aria-invalid='true'] { border-color: var(--bad); }
input:focus-visible, button:focus-visible, a:focus-visible { outline: 3px solid Highlight; outline-offset: 2px; }
button { font: inherit; font-weight: 600; padding: .65rem 1rem; border: 1px solid currentColor; border-radius: .35rem; cursor: pointer; }
[data-shows] { justify-self: start; font-weight: 400; padding: .25rem 0; border: 0; background: none; color: inherit; text-decoration: underline; }
button[disabled] { opacity: .6; cursor: progress; }
small, .error { overflow-wrap: anywhere; }
.error { color: var(--bad); margin: 0; }
.done { color: var(--good); overflow-wrap: anywhere; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin-top: 2rem; border-top: 1px solid var(--line); padding-top: 1rem; }
[hidden] { display: none !important; }
`;
