"""How the HTML report looks: on a screen, light or dark, and on paper."""

STYLE = """
:root { color-scheme: light dark; --line: #c9ced6; --soft: #f3f5f8; --dull: #5b6470;
  --red: #b3261e; --amber: #8a5300; --blue: #1d5fa8; --green: #1f7a3d; }
@media (prefers-color-scheme: dark) {
  :root { --line: #40464f; --soft: #22262c; --dull: #a3acb8;
    --red: #ff8f86; --amber: #f0b45a; --blue: #8fc1ff; --green: #7fd79b; }
}
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin: 0; } h3 { font-size: 1rem; margin: 0 0 .4rem; }
p { margin: .3rem 0; overflow-wrap: anywhere; }
.coverage { background: var(--soft); padding: .8rem 1rem; border-radius: .5rem; margin-bottom: 1rem; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .6rem; text-align: left;
  overflow-wrap: anywhere; vertical-align: top; }
article { border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; margin: 1rem 0; }
.item { border-top: 1px solid var(--line); padding-top: .7rem; margin-top: .7rem; }
.waived { color: var(--dull); }
dl { display: grid; grid-template-columns: 4.5rem 1fr; gap: .2rem .8rem; margin: 0; }
dt { color: var(--dull); } dd { margin: 0; grid-column: 2; min-width: 0; overflow-wrap: anywhere; }
pre { background: var(--soft); padding: .4rem .6rem; border-radius: .3rem; margin: .1rem 0;
  white-space: pre-wrap; overflow-wrap: anywhere; }
.mark { font-weight: 600; text-transform: uppercase; font-size: .8rem; letter-spacing: .03em; }
.blocker, .blocked { --ink: var(--red); } .action, .needs-work { --ink: var(--amber); }
.advice, .info, .ask { --ink: var(--blue); } .ready { --ink: var(--green); }
.cannot-tell { --ink: var(--dull); }
.mark { color: var(--ink); }
.filter, label { margin-right: 1rem; }
#show-blocked:checked ~ main .cluster:not(.blocked),
#show-needs-work:checked ~ main .cluster:not(.needs-work),
#show-cannot-tell:checked ~ main .cluster:not(.cannot-tell),
#show-ready:checked ~ main .cluster:not(.ready) { display: none; }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  input, label, .filter { display: none; }
  article { border: 0; padding: 0; } .item { break-inside: avoid; } h2 { break-after: avoid; }
}
"""
