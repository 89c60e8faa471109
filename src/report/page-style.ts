/** How a page looks: light or dark as its reader has it, one column on a phone and two where they fit. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --card: #f6f7f9; --ink: #1b1f24; --soft: #5b6470; --line: #dfe3e8;
  --c1: #1d63d8; --c2: #d9480f; --c3: #18794e; --c4: #8e3fc4; --c5: #b08800; --c6: #6b7280;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --card: #1c2026; --ink: #e6e9ee; --soft: #9aa4b1; --line: #323943;
    --c1: #6ea8ff; --c2: #ff9457; --c3: #4cc38a; --c4: #c792ea; --c5: #e3b341; --c6: #9aa4b1;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 1280px; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: .5rem 0; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
p { margin: .25rem 0 .75rem; max-width: 75ch; }
.intro, .note { color: var(--soft); }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: .5rem; margin: 1rem 0; }
.facts div { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .5rem .75rem; }
.facts dt { color: var(--soft); font-size: .8rem; }
.facts dd { margin: 0; font-size: 1.15rem; font-weight: 600; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
section { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 34rem), 1fr)); gap: 0 1rem; align-items: start; }
section > h2, section > p, section > .wide { grid-column: 1 / -1; }
.wide { overflow-x: auto; margin: 0 0 1rem; }
table { border-collapse: collapse; }
.wide > table { font-size: .9rem; font-variant-numeric: tabular-nums; }
.wide caption { text-align: left; color: var(--soft); padding: .25rem 0; }
.wide th, .wide td { text-align: left; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
.wide .number { text-align: right; }
figure { margin: 0 0 1rem; padding: .75rem; min-width: 0; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
figcaption { font-weight: 600; margin: 0 0 .25rem; }
figure .note { font-size: .85rem; margin: .25rem 0 0; }
.plot { min-width: 0; overflow: hidden; }
.nothing { color: var(--soft); margin: 2rem 0; text-align: center; }
.uplot { font: inherit; width: 100% !important; }
.u-legend { font-size: .8rem; text-align: left; margin: .25rem 0 0; font-variant-numeric: tabular-nums; }
.u-legend tr { margin-right: .75rem; }
.u-series > * { padding: .1rem .25rem .1rem 0; }
.u-legend .u-marker { border-radius: 2px; }
.u-select { background: color-mix(in srgb, var(--c1) 15%, transparent); }
.u-cursor-x, .u-cursor-y { border-color: var(--soft); }
`;
