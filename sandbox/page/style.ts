export const STYLE = `
:root { color-scheme: light dark; --ink: #1c2421; --soft: #66706b; --line: #dfe4e1; --paper: #fff;
  --back: #f3f5f4; --chat: #e6ddd4; --bubble: #d9fdd3; --accent: #0b7a5c; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7ecea; --soft: #98a39e; --line: #2f3835;
  --paper: #1a201e; --back: #121715; --chat: #0d1411; --bubble: #12503c; --accent: #4fd1a5; } }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--back); }
header { padding: 1.2rem 1.5rem .4rem; }
h1 { margin: 0; font-size: 1.3rem; } h2 { font-size: 1rem; margin: 1rem 0 .6rem; }
header p { margin: .1rem 0; color: var(--soft); } #state { color: var(--accent); font-size: .85rem; }
main { display: grid; grid-template-columns: minmax(280px, 360px) minmax(0, 1fr); gap: 1.5rem; padding: 0 1.5rem 2rem; }
@media (max-width: 760px) { main { grid-template-columns: minmax(0, 1fr); } }
.phone { border: 10px solid #20262a; border-radius: 32px; background: var(--chat); height: 600px; overflow-y: auto; }
ol { list-style: none; margin: 0; padding: 0; } #messages { padding: .9rem .7rem; }
#messages li { background: var(--bubble); border-radius: 12px 2px 12px 12px; padding: .45rem .65rem; margin: 0 0 .6rem 1.6rem;
  box-shadow: 0 1px 1px #0003; overflow-wrap: anywhere; white-space: pre-wrap; }
#messages .empty { background: none; box-shadow: none; color: var(--soft); margin: 2rem 1rem; text-align: center; }
.to { font-weight: 600; font-size: .85rem; color: var(--accent); } .meta { font-size: .75rem; color: var(--soft); text-align: right; }
.scroll { overflow: auto; max-height: 360px; border: 1px solid var(--line); border-radius: 8px; background: var(--paper); }
table { border-collapse: collapse; font-size: .85rem; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .6rem; text-align: left; vertical-align: top;
  max-width: 24rem; overflow-wrap: anywhere; }
th { position: sticky; top: 0; background: var(--back); } td.number { text-align: right; font-variant-numeric: tabular-nums; }
.tab { margin: 0 0 1rem; } .tab h3 { margin: .2rem 0; font-size: .85rem; color: var(--soft); font-weight: 500; overflow-wrap: anywhere; }
.bad { color: #d0342c; } #faults li { color: #d0342c; font-size: .85rem; margin-bottom: .3rem; } .none { color: var(--soft); }
`;
