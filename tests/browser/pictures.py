"""Makes the pictures of the documentation from a real demo: `python -m tests.browser.pictures`."""

import asyncio
import html
import re
import sys
from base64 import b64encode

from playwright.async_api import Page, async_playwright

from tests.browser.conftest import ALONE, CHROMIUM
from tests.support.host_process import CHECKOUT, free_port

IMAGES = CHECKOUT / "docs" / "images"
WIDTH, HEIGHT = 1280, 900
STYLE = """
body { margin: 0; padding: 20px; width: 1240px; background: #10151b; font: 13px/1.5 monospace; color: #e8ecf1 }
pre { margin: 0 0 16px; white-space: pre-wrap; font: inherit }
div { display: flex; gap: 16px }
img { width: 612px; align-self: flex-start; border: 1px solid #323d4b; border-radius: 8px }
"""


async def play(page: Page) -> tuple[str, list[bytes]]:
    """Return what the demo prints, without the alert, and the page while Graph throttles the run and at its end."""
    command = (sys.executable, "-m", "emulator", "demo", "--port", str(free_port()))
    demo = await asyncio.create_subprocess_exec(*command, cwd=CHECKOUT, stdout=asyncio.subprocess.PIPE)
    lines, pictures = list[str](), list[bytes]()
    assert demo.stdout
    try:
        async for raw in demo.stdout:
            line = raw.decode().rstrip()
            lines.append(line)
            if line.startswith("Open "):
                await page.goto(re.sub(r"Open (\S+) .*", r"\1", line))
            if " 429 " in line or line.startswith("The page stays"):
                await page.reload()
                pictures.append(await page.screenshot())
            if line.startswith("The page stays"):
                break
    finally:
        demo.terminate()
        await demo.wait()
    steps = [line for line in lines if re.match(r"\d\d:\d\d:\d\d ", line)]
    return "\n".join(["$ make demo", *steps]), pictures


async def main() -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*ALONE])
        page = await browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        text, pictures = await play(page)
        shown = "".join(f'<img src="data:image/png;base64,{b64encode(each).decode()}">' for each in pictures)
        # Another page: the policy of the app's page allows no picture.
        picture = await browser.new_page(viewport={"width": WIDTH, "height": 100})
        await picture.set_content(f"<style>{STYLE}</style><pre>{html.escape(text)}</pre><div>{shown}</div>")
        await picture.screenshot(path=IMAGES / "demo.png", full_page=True)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
