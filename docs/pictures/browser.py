"""Browser: an HTML page as a small PNG file, by headless Chromium and pngquant."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

WIDTH = 800
_MEASURE = "<script>document.documentElement.dataset.height = document.body.scrollHeight</script>"


def take(page: str, file: Path) -> None:
    """Write the page as it looks, as high as it is.

    Raises:
        SystemExit: there is no Chromium here, or no pngquant.
    """
    program, smaller = shutil.which("chromium"), shutil.which("pngquant")
    if program is None or smaller is None:
        raise SystemExit("the pictures are taken by Chromium; on Debian: apt-get install chromium pngquant")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"
        path.write_text(page + _MEASURE)

        def run(*options: str, height: int = 2000) -> str:
            command = (
                *(program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
                *(f"--user-data-dir={folder}/profile", f"--window-size={WIDTH},{height}", *options),
                path.as_uri(),
            )
            return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout  # noqa: S603

        height = re.search(r'data-height="(\d+)"', run("--dump-dom"))
        assert height is not None, "the page says how high it is"
        file.parent.mkdir(parents=True, exist_ok=True)
        run(f"--screenshot={file}", height=int(height[1]))
    reduce = (smaller, "--force", "--ext=.png", "--speed=1", "--strip", "32", str(file))
    subprocess.run(reduce, check=True, timeout=60)  # noqa: S603
