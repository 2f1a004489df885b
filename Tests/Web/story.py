"""The ticket story in two windows of a browser: story.py URL BROWSER.

Somebody signs up, books, pays, is told, shows a photo and logs out in one window; the other window sees the seat change.
Ends with an error at the first thing a visitor would miss. Pictures go to the folder MARQUEE_SCREENSHOTS, if it is set.
"""

import os
import struct
import sys
import uuid
import zlib

from playwright.sync_api import Page, WebSocket, expect, sync_playwright

AT_ONCE = 1_000  # milliseconds until another window sees a seat change
SOON = 15_000  # milliseconds for everything else
BOOKED = "đã được đặt thành công"
READY = "Ảnh của bạn đã sẵn sàng"
SESSION_REVOKED = 4401  # close code

# Opens the notification feed with the session of another window; the close code is in `closeCode` when it has ended.
WATCH_SESSION = """token => new Promise((resolve, reject) => {
    const url = location.origin.replace('http', 'ws') + '/v1/notifications/ws';
    const socket = new WebSocket(url, ['notifications.v1', 'bearer.' + token]);
    window.closeCode = new Promise(done => socket.onclose = event => { done(event.code); reject(event.code); });
    socket.onopen = () => resolve();
})"""


class Feed:
    """What the page's own WebSocket got."""

    def __init__(self, page: Page):
        self.frames: list[str] = []
        page.on("websocket", self._follow)

    def _follow(self, socket: WebSocket):
        socket.on("framereceived", lambda frame: self.frames.append(str(frame)))


def open_page(browser, url: str, errors: list[str]) -> Page:
    page = browser.new_context(viewport={"width": 1100, "height": 800}).new_page()
    page.set_default_timeout(SOON)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(url)
    page.wait_for_selector(".seat")
    page.wait_for_selector("text=● live")
    return page


def sign_up(page: Page):
    page.fill("[name=email]", f"mai-{uuid.uuid4()}@example.com")
    page.fill("[name=password]", "xanh nhu la co cay 9")
    page.fill("[name=name]", "Mai")
    page.click("button[value=signup]")
    page.wait_for_selector("text=Log out")


def photo(width: int = 800, height: int = 600) -> bytes:
    """A PNG: an evening sky."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (bytes([0]) + bytes([y * 255 // height, y * 120 // height, 160 - y * 100 // height]) * width for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"".join(rows))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


def show_photo(page: Page, feed: Feed):
    page.set_input_files("#file", {"name": "evening.png", "mimeType": "image/png", "buffer": photo()})
    page.wait_for_selector(f"#notes >> text={READY}")
    assert any(READY in frame for frame in feed.frames), f"not over the WebSocket: {feed.frames}"
    image = page.wait_for_selector(".tile[data-state=ready] img")
    page.wait_for_function("image => image.naturalWidth == 256", arg=image)
    page.set_input_files("#file", {"name": "evening.png", "mimeType": "image/png", "buffer": b"<svg>no photo</svg>"})
    expect(page.locator("#fileError")).not_to_be_empty()
    take_picture(page, "gallery.png")


def take_picture(page: Page, name: str):
    folder = os.environ.get("MARQUEE_SCREENSHOTS")
    if folder:
        page.screenshot(path=os.path.join(folder, name), full_page=True)


def story(browser, url: str):
    errors: list[str] = []
    mine, other = (open_page(browser, url, errors) for _ in range(2))
    feed = Feed(mine)
    sign_up(mine)

    seat = mine.locator(".seat:not([disabled])").last
    place = f".seat[data-seat={seat.get_attribute('data-seat')}]"
    seat.click()
    mine.click("#book")
    expect(other.locator(f"{place}.locked")).to_be_visible(timeout=AT_ONCE)
    take_picture(other, "locked.png")

    mine.click("text=Pay")
    other.wait_for_selector(f"{place}.booked")
    mine.wait_for_selector(".state.booked")
    mine.wait_for_selector(f"#notes >> text={BOOKED}")
    assert any(BOOKED in frame for frame in feed.frames), f"not over the WebSocket: {feed.frames}"
    take_picture(mine, "booked.png")
    show_photo(mine, feed)

    other.evaluate(WATCH_SESSION, mine.evaluate("sessionStorage.token"))
    mine.click("text=Log out")
    mine.wait_for_selector("text=Log in")
    code = other.evaluate("window.closeCode")
    assert code == SESSION_REVOKED, f"the session's other socket ended with {code}"
    assert not errors, errors


def main():
    url, program = sys.argv[1:]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            story(browser, url)
        finally:
            browser.close()


main()
