"""The board's style sheet, inside the page: no file, font or script from elsewhere."""

STYLE = """
:root{color-scheme:light dark;--ground:#f4f6f8;--card:#fff;--ink:#17212b;--soft:#5a6978;--line:#e2e8ee;
--blue:#1f6feb;--green:#12805c;--amber:#b45309;--red:#c0362c;--rail:#e9eef3}
@media (prefers-color-scheme:dark){:root{--ground:#0f151b;--card:#18212a;--ink:#e8eef4;--soft:#9fb0c0;--line:#2a3744;
--blue:#6aa5ff;--green:#4cc79a;--amber:#f0a84b;--red:#f0857c;--rail:#263340}}
*{box-sizing:border-box;margin:0}
body{background:var(--ground);color:var(--ink);line-height:1.55;
font-family:system-ui,-apple-system,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
.wrap{max-width:72rem;margin:0 auto;padding:1.25rem clamp(1rem,3vw,2rem) 3rem}
header{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;align-items:baseline;justify-content:space-between;
padding:.75rem 0 1.25rem}
h1{font-size:clamp(1.35rem,1rem + 2vw,2rem);letter-spacing:.02em}
h2{font-size:1.05rem;margin-bottom:.15rem}
header p,section>p{color:var(--soft);font-size:.9rem}
section>p{margin-bottom:.9rem}
section{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:1.1rem 1.2rem}
.grid{display:grid;gap:1rem;grid-auto-flow:dense;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr))}
.wide{grid-column:1/-1}
ol,ul{list-style:none;padding:0}
.tiles{display:grid;gap:.8rem;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));margin-bottom:1rem}
.tile{background:var(--card);border:1px solid var(--line);border-left:4px solid var(--blue);border-radius:12px;
padding:.8rem 1rem;display:flex;flex-direction:column}
.tile.good{border-left-color:var(--green)}.tile.warn{border-left-color:var(--amber)}.tile.bad{border-left-color:var(--red)}
.tile span{color:var(--soft);font-size:.85rem}
.tile strong{font-size:1.9rem;line-height:1.25;font-variant-numeric:tabular-nums}
.tile small{color:var(--soft)}
.bars li{display:grid;grid-template-columns:1fr auto;gap:.15rem .8rem;align-items:end;padding:.4rem 0}
.bars .name small{display:block;color:var(--soft);font-size:.78rem}
.bars .value{font-weight:600;font-variant-numeric:tabular-nums}
.bars .value i{font-style:normal;font-weight:400;color:var(--soft);font-size:.8rem;margin-left:.15rem}
.bars svg{grid-column:1/-1;width:100%;height:.55rem;border-radius:99px;display:block}
.track{fill:var(--rail)}.fill{fill:var(--blue)}
.good .fill{fill:var(--green)}.warn .fill{fill:var(--amber)}.bad .fill{fill:var(--red)}
.rings{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr))}
.ring{text-align:center}
.ring svg{width:min(8rem,100%)}
.ring circle{fill:none;stroke-width:11}
.rail{stroke:var(--rail)}
.arc{stroke:var(--green);stroke-linecap:butt;transform:rotate(-90deg);transform-origin:60px 60px}
.ring text{fill:var(--ink);font-size:21px;font-weight:650}
.ring b,.ring span{display:block}.ring span{color:var(--soft);font-size:.82rem}
.empty{color:var(--soft);padding:.6rem 0}
footer{color:var(--soft);font-size:.85rem;padding-top:1.5rem}
@media print{body{background:#fff}section,.tile{break-inside:avoid}}
"""
