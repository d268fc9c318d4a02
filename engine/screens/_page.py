"""The page that a browser is given: the stream in the whole window, on black; a double click fills the screen.

It comes back by itself. A picture whose stream has ended tells nobody; Chromium's list of what was loaded does, and
everywhere the tag of the page is another one when another show answers.
"""

from html import escape

from engine.schema.kinds import Filter

POLICY = "default-src 'none'; img-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
"""What the page may do: show pictures from where it came from, and ask there, and nothing else."""

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{title}</title>
<style>
html, body {{ margin: 0; height: 100%; background: #000; overflow: hidden; }}
img {{ display: block; width: 100vw; height: 100vh; object-fit: contain; image-rendering: {rendering}; }}
</style>
<img id="stage" alt="" src="/stream.mjpg">
<script>
const stage = document.getElementById("stage");
const again = () => {{ stage.src = "/stream.mjpg?" + Date.now(); }};
const later = () => setTimeout(again, 1000);
stage.onerror = later;
new PerformanceObserver((list) => {{
  if (list.getEntries().some((entry) => entry.name === stage.src)) later();
}}).observe({{ type: "resource" }});
let show = null;
setInterval(async () => {{
  const answer = await fetch("/", {{ method: "HEAD" }}).catch(() => null);
  const tag = answer && answer.headers.get("ETag");
  if (show && tag && tag !== show) again();
  show = tag || show;
}}, 2000);
document.ondblclick = () => {{
  if (document.fullscreenElement) document.exitFullscreen(); else document.documentElement.requestFullscreen();
}};
</script>
</html>
"""


def page(title: str, by: Filter) -> bytes:
    """The page of a show; what the browser has to scale further is scaled likewise."""
    rendering = "pixelated" if by == "nearest" else "auto"
    return _PAGE.format(title=escape(title), rendering=rendering).encode()
