"""How the report looks: inline, with fonts of the reader's system, on a screen, a phone and on paper."""

CSS = """
:root { color-scheme: light; --ink: #1c2733; --soft: #56616e; --line: #dde2e8; --paper: #fff;
  --wash: #f5f7f9; --link: #005a8f; --helps: #006b4f; --harms: #a84300; --none: #005a8f; --open: #56616e;
  --first: #8a3f78; --lacking: #8a5a00; }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); line-height: 1.55;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
a { color: var(--link); }
.page { max-width: 80rem; margin: 0 auto; padding: 1.5rem 1.25rem 4rem; display: grid; gap: 0 3rem;
  grid-template-columns: minmax(0, 1fr); }
h1 { font-size: clamp(1.5rem, 1.1rem + 1.6vw, 2.1rem); line-height: 1.2; margin: 0 0 .25rem;
  letter-spacing: -.01em; }
h1::first-letter { text-transform: uppercase; }
h2 { font-size: 1.45rem; line-height: 1.25; margin: 0 0 .5rem; letter-spacing: -.01em; }
h3 { font-size: 1.02rem; margin: 1.75rem 0 .5rem; }
p { margin: 0 0 .8rem; max-width: 44rem; }
header { margin-bottom: 1.5rem; }
.brand { color: var(--soft); font-size: .85rem; letter-spacing: .08em; text-transform: uppercase;
  margin: 0 0 .4rem; }
section { padding: 2.25rem 0 .5rem; border-top: 1px solid var(--line); margin-top: 1.5rem;
  scroll-margin-top: .5rem; }
section:first-child { border-top: 0; padding-top: 0; margin-top: 0; }
.lead { color: var(--soft); }
.empty { color: var(--soft); font-style: italic; }

nav { font-size: .92rem; border-bottom: 1px solid var(--line); margin-bottom: 1.5rem;
  padding-bottom: .75rem; }
nav ol { list-style: none; margin: 0; padding: 0; columns: 2; column-gap: 1.5rem; }
nav a { display: block; padding: .2rem 0; text-decoration: none; }
nav a:hover, nav a:focus { text-decoration: underline; }

.verdict { border-radius: .75rem; padding: clamp(1.1rem, 3vw, 2rem); background: var(--wash);
  border: 1px solid var(--line); border-left: .6rem solid var(--tone); }
.verdict .kicker { color: var(--soft); margin: 0 0 .6rem; }
.answer { display: flex; gap: 1rem; align-items: flex-start; margin: 0 0 .9rem; max-width: none; }
.answer strong { font-size: clamp(1.5rem, 1rem + 2.6vw, 2.5rem); line-height: 1.15; font-weight: 700;
  letter-spacing: -.015em; color: var(--tone); }
.symbol { flex: none; display: inline-grid; place-items: center; width: 1.6em; height: 1.6em;
  border-radius: 50%;
  background: var(--tone); color: #fff; font-weight: 700; line-height: 1; }
.answer .symbol { font-size: clamp(1.2rem, .9rem + 1.6vw, 1.75rem); }
.verdict > p:last-child { margin-bottom: 0; }
.soft { color: var(--soft); font-weight: 400; font-size: .88em; display: block; }
.matrix th[scope=row] { min-width: 11rem; max-width: 17rem; font-weight: 650; padding-right: 1.2rem; }
.matrix td { white-space: nowrap; font-variant-numeric: tabular-nums; padding-right: 1.4rem; }
.matrix .line { display: block; margin-top: .1rem; }
.badge { display: inline-flex; gap: .4em; align-items: center; font-weight: 650; color: var(--tone);
  white-space: nowrap; }
.badge .symbol { font-size: .72em; }
.helps { --tone: var(--helps); } .harms { --tone: var(--harms); }
.no-effect { --tone: var(--none); } .undecided, .depends { --tone: var(--open); }
.exploratory { --tone: var(--first); } .no-answer { --tone: var(--lacking); }

.two { display: grid; gap: 1rem 2rem;
  grid-template-columns: repeat(auto-fit, minmax(min(18rem, 100%), 1fr)); }
.two h3 { margin-top: .5rem; } .two ul { margin: 0; padding-left: 1.2rem; }
.two li { margin-bottom: .35rem; }

figure { margin: 1.25rem 0 2rem; }
figure h3 { margin: 0 0 .5rem; }
.scroll { overflow-x: auto; }
figure img, video { display: block; width: 100%; height: auto; max-width: 62.5rem; }
summary { cursor: pointer; font-weight: 650; padding: .4rem 0; }
figcaption, caption, .note { color: var(--soft); font-size: .92rem; }
figcaption { margin-top: .6rem; max-width: 44rem; }

.sheet { margin: 1.25rem 0 1.75rem; }
table { border-collapse: collapse; font-size: .9rem; min-width: 22rem; }
caption { text-align: left; padding-bottom: .5rem; caption-side: top; }
caption span { display: block; max-width: 44rem; }
caption strong { color: var(--ink); }
th, td { text-align: left; padding: .42rem .7rem .42rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
th { font-weight: 600; border-bottom: 2px solid var(--ink); vertical-align: bottom; }
tbody th { border-bottom: 1px solid var(--line); font-weight: 500; vertical-align: top; }
.n { text-align: right; font-variant-numeric: tabular-nums; }
td.n, td.missing { white-space: nowrap; }
td.text { overflow-wrap: break-word; max-width: 22rem; }
td.missing { text-align: right; color: var(--soft); font-style: italic; }
th:last-child, td:last-child { padding-right: 0; }
tr.bad td { background: #fdf1ea; }
.note { margin: .5rem 0 0; }
pre { background: var(--wash); border: 1px solid var(--line); border-radius: .5rem; padding: .9rem 1rem;
  overflow: auto;
  max-height: 28rem; font-size: .82rem; line-height: 1.45; }
.problems { padding: 0; list-style: none; }
.problems li { border: 1px solid var(--line); border-left: .4rem solid var(--harms); border-radius: .5rem;
  padding: .8rem 1rem; margin-bottom: .8rem; overflow-wrap: anywhere; }
.problems .fix { display: block; margin-top: .35rem; font-weight: 600; }

@media (min-width: 70rem) {
  .page { grid-template-columns: 13rem minmax(0, 1fr); }
  header { grid-column: 1 / -1; }
  nav { border: 0; position: sticky; top: 1.5rem; align-self: start; max-height: 95vh; overflow: auto; }
  nav ol { columns: 1; }
  }
@media (max-width: 44rem) {
  figure img { width: 44rem; max-width: none; }
  nav ol { columns: 1; }
}
@media print {
  nav { display: none; }
  .page { display: block; padding: 0; max-width: none; }
  body { font-size: 10pt; }
  section { break-inside: auto; } h2, h3, .lead { break-after: avoid; }
  figure, .verdict, tr { break-inside: avoid; }
  figure img { max-height: 22cm; width: auto; max-width: 100%; }
  .scroll { overflow: visible; } pre { max-height: none; white-space: pre-wrap; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
