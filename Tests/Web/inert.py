"""Shows HTML of comments in a browser and fails when any of it does something: inert.py FILE BROWSER.

FILE is a JSON array of {"name", "html"}. Each is part of a document of its own, as the parser of the browser reads it; then
everything in it is focused, hovered over and clicked. A script that ran has set `window.pwned` (no matter in which frame), a
dialog, a request, or a navigation but to http, https or mailto is a fault as well. First come pages that do run a script: when
one of those goes unnoticed, the check is worth nothing and fails.
"""

import json
import sys

from playwright.sync_api import Error, sync_playwright

PAGE = "https://page.example/"
CONTROLS = {
    "a script": "<script>window.pwned=1</script>",
    "a handler": "<img src=x onerror=window.pwned=1>",
    "a link": "<p><a href='javascript:window.pwned=1'>x</a></p>",
    "a frame": "<iframe srcdoc='<script>parent.pwned=1</script>'></iframe>",
    "a pointer": "<p onmouseover=window.pwned=1>x</p>",
    "a request": "<p><img src='https://evil.example/seen'></p>",
    "a dialog": "<script>alert(1)</script>",
}
# Links to the web are not followed, the rest is.
POKE = """() => {
    for (const element of document.querySelectorAll('#comment, #comment *')) {
        for (const name of ['mouseover', 'mouseenter', 'pointerenter', 'focus', 'animationstart', 'toggle'])
            element.dispatchEvent(new Event(name, {bubbles: true}));
        element.focus?.();
        if (!/^(https?|mailto):/.test(element.getAttribute('href') ?? '')) element.click?.();
    }
}"""


class Watch:
    """A page, and what it did that it must not do."""

    def __init__(self, browser):
        self.faults = []
        self.html = ""
        self.page = browser.new_page()
        self.page.on("dialog", self._dialog)
        self.page.route("**/*", self._request)

    def _dialog(self, dialog):
        self.faults.append("a dialog")
        dialog.dismiss()

    def _request(self, route):
        request = route.request
        if request.url == PAGE and request.is_navigation_request():
            body = f"<!doctype html><meta charset=utf-8><title>x</title><div id=comment>{self.html}</div><p id=end>"
            return route.fulfill(body=body, content_type="text/html")
        if not request.url.endswith("/favicon.ico"):
            self.faults.append(f"a request to {request.url}")
        route.abort()

    def show(self, html):
        self.faults, self.html = [], html
        try:
            self.page.goto(PAGE, timeout=5000)
            self.page.evaluate(POKE)
            self.page.evaluate("() => new Promise(done => setTimeout(done, 5))")
            if self.page.evaluate("() => window.pwned !== undefined && !(window.pwned instanceof Element)"):
                self.faults.append("a script ran")
            if self.page.evaluate("() => document.querySelector('#comment')?.nextElementSibling?.id !== 'end'"):
                self.faults.append("it leaves its place")
        except Error as error:
            self.faults.append(f"the page went away: {error}")
        if self.page.url != PAGE:
            self.faults.append(f"it went to {self.page.url}")
        return self.faults


def main():
    path, program = sys.argv[1:]
    bad = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        watch = Watch(browser)
        for name, html in CONTROLS.items():
            if not watch.show(html):
                sys.exit(f"{name} goes unnoticed: this check is worth nothing")
        comments = json.load(open(path))
        for comment in comments:
            if faults := watch.show(comment["html"]):
                bad.append(f"{comment['name']}: {', '.join(faults)}: {comment['html']}")
        browser.close()
    print(len(comments), "inert")
    sys.exit("\n".join(bad) or 0)


main()
